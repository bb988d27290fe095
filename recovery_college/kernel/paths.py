"""Where templates, static files and migrations lie: beside the package (checkout) or inside it (wheel)."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    """Return the folder shipped inside the package when there is one, else the one of the checkout.

    Raises FileNotFoundError, naming both places, when the installation is broken.
    """
    shipped = PACKAGE / f"_{name}"
    beside = PACKAGE.parent / name
    for folder in (shipped, beside):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The {name} folder is missing: looked for {shipped} and {beside}. Install again."
    )


def templates_folder() -> Path:
    """Return the folder of our Jinja templates."""
    return _folder("templates")


def static_folder() -> Path:
    """Return the folder of the files served under /static."""
    return _folder("static")


def migrations_folder() -> Path:
    """Return the folder of the Alembic migrations."""
    return _folder("migrations")
