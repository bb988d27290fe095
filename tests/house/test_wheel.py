"""The wheel, installed away from this checkout, serves the demo: nothing it needs was left behind."""

import http.client
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.house.source import ROOT

pytestmark = pytest.mark.loopback

START_SECONDS = 120  # The first start makes the demo database.


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a source archive as a packager would: what git ignores must come along."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel in it; the folder of its commands.

    The dependencies are not downloaded again: a .pth file lends those of this environment, behind the new
    environment's own. Its own copy of the product is then hidden by the installed one, and the paths that
    an editable install adds are not followed, because .pth files are read in a site folder only.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, env=_clean())
    site = next((folder / "lib").glob("python*")) / "site-packages"
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    run = subprocess.run(install, capture_output=True, text=True, env=_clean())
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "bin"


def _clean() -> dict[str, str]:
    """The environment without settings of ours and without a path to the checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RC_", "PYTHON", "PYTEST_", "PIP_"))
    }


def missing_from(wheel_names: set[str], checkout: Path) -> list[str]:
    """Templates, static files and migrations of a checkout that a wheel does not hold."""
    missing = []
    for folder in ("templates", "static", "migrations"):
        for file in sorted((checkout / folder).rglob("*")):
            inside = f"recovery_college/_{file.relative_to(checkout).as_posix()}"
            if file.is_file() and "__pycache__" not in file.parts and inside not in wheel_names:
                missing.append(inside)
    return missing


def test_the_wheel_holds_every_template_static_file_and_migration(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert missing_from(names, ROOT) == []
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_a_file_left_out_of_the_wheel_is_seen(tmp_path: Path) -> None:
    for name in ("templates/a.html", "static/vendor/a.css"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    held = {"recovery_college/_templates/a.html"}
    assert missing_from(held, tmp_path) == ["recovery_college/_static/vendor/a.css"]


def test_the_installed_copy_is_the_one_that_runs(elsewhere: Path, tmp_path: Path) -> None:
    code = "import recovery_college; print(recovery_college.__file__)"
    run = subprocess.run(
        [elsewhere / "python", "-c", code],
        cwd=tmp_path,
        env=_clean(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(run.stdout.strip()).is_relative_to(elsewhere.parent)


def test_the_command_explains_itself(elsewhere: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [elsewhere / "recovery-college", "--help"], cwd=tmp_path, env=_clean(), capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "demo" in run.stdout


def _wait_until_live(port: int, process: subprocess.Popen[bytes], printed: Path) -> None:
    """Return when the demo answers; fail when it ends, or says nothing for too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if _get(port, "/health/live")[0] == 200:
                return
        except OSError:  # Not listening yet.
            time.sleep(0.2)
    said = printed.read_text(encoding="utf-8")
    pytest.fail(f"The demo did not answer within {START_SECONDS} s (exit {process.poll()}). It said:\n{said}")


@contextmanager
def _demo(commands: Path, folder: Path, port: int) -> Iterator[str]:
    """The demo, once it answers, served from another folder with its data there; yields what it printed."""
    printed = folder / "printed.txt"
    with printed.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [commands / "recovery-college", "demo", "--port", str(port)],
            cwd=folder,
            env=_clean() | {"RC_DATA_DIR": str(folder / "data")},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_live(port, process, printed)
            yield printed.read_text(encoding="utf-8")
        finally:
            process.terminate()
            process.wait(timeout=30)


def _get(port: int, path: str) -> tuple[int, str, str]:
    """Status, content type and text of a page, following no redirect."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    finally:
        connection.close()


def test_the_installed_demo_serves_a_page_and_its_style(elsewhere: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with _demo(elsewhere, tmp_path, port) as printed:
        status, kind, page = _get(port, "/sign-in")
        assert (status, kind.split(";")[0]) == (200, "text/html")
        assert "<h1" in page
        sheets = re.findall(r"<link[^>]+href=\"([^\"]+\.css[^\"]*)\"", page)
        assert sheets
        for sheet in sheets:
            status, kind, text = _get(port, urljoin("/sign-in", sheet))
            assert (status, kind.split(";")[0]) == (200, "text/css")
            assert "{" in text
        assert "@demo.example" in printed
