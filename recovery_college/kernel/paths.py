"""Where templates, static files and migrations lie: beside the package in a checkout, inside it in a wheel."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def _folder(name: str) -> Path:
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


def templates_folder() -> Path:
    """The folder of Jinja templates."""
    return _folder("templates")


def static_folder() -> Path:
    """The folder of CSS, scripts and fonts."""
    return _folder("static")


def migrations_folder() -> Path:
    """The folder of Alembic's env.py and versions."""
    return _folder("migrations")
