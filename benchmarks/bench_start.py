"""Bar 10: from the command to a page that is ready, on a demo that is there already."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from benchmarks.harness import Comparison, seconds_at_most

ROUNDS = 5
PATIENCE = 60


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def seconds_to_ready(folder: Path) -> float:
    """Seconds on the wall from starting `recovery-college demo` until /health/ready answers; then stop it."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "recovery-college"), "demo", "--port", str(port)]
    if not Path(command[0]).exists():
        command[:1] = [sys.executable, "-c", "from recovery_college.cli import main; main()"]
    environment = os.environ | {"RC_DATA_DIR": str(folder)}
    before = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not is_ready(port):
            if process.poll() is not None or time.perf_counter() - before > PATIENCE:
                raise RuntimeError("the demo did not start")
            time.sleep(0.02)
        return time.perf_counter() - before
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_ready(port: int) -> bool:
    """Whether the service says that it and its database answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def rows() -> list[Comparison]:
    """Make the demo once, then start it a few times."""
    with tempfile.TemporaryDirectory() as name:
        first = seconds_to_ready(Path(name))
        again = median(seconds_to_ready(Path(name)) for _ in range(ROUNDS))
    return [
        seconds_at_most(
            10, "start-to-ready", "start to ready, the demo being there", seconds=again, at_most=3
        ),
        seconds_at_most(
            10, "demo-from-nothing", "the same with the demo to be made", seconds=first, at_most=15
        ),
    ]
