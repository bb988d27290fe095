"""The repository as the house tests read it: its files and the imports they make."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "recovery_college"
LAYERS_CONTRACT = "layers"


def contract(identity: str) -> dict[str, list[str]]:
    """One import-linter contract of pyproject.toml, by its id."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return next(found for found in contracts if found["id"] == identity)


def layer_names() -> list[list[str]]:
    """The file names a room may hold, highest layer first, without brackets."""
    return [
        [name.strip(" ()") for name in layer.replace("|", ":").split(":")]
        for layer in contract(LAYERS_CONTRACT)["layers"]
    ]


def pure_names() -> frozenset[str]:
    """The names of the lowest layer: rules, and the nouns that are as pure as rules."""
    return frozenset(layer_names()[-1])


def modules(package: Path) -> Iterator[tuple[str, Path]]:
    """Every module of a package folder as (dotted name, file), in order of name."""
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imported(file: Path) -> Iterator[str]:
    """The dotted names a file imports anywhere in it, relative imports as written (with their dots)."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def tracked_files() -> list[Path]:
    """The files a clone holds and those not yet added to it; nothing that is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()]
