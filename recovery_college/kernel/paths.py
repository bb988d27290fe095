"""Where templates, static files and migrations are: beside the package, or inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    beside = _PACKAGE.parent / name
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else beside


def templates_folder() -> Path:
    """Return the folder of the page, mail and document templates."""
    return _folder("templates")


def static_folder() -> Path:
    """Return the folder of style sheets, scripts and fonts."""
    return _folder("static")


def migrations_folder() -> Path:
    """Return the folder of the Alembic migrations."""
    return _folder("migrations")
