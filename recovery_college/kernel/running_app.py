"""What the running app was made with."""

from flask import current_app

from recovery_college.kernel.settings import Settings
from recovery_college.kernel.storage import Storage


def the_settings() -> Settings:
    """The settings the college was started with."""
    found: Settings = current_app.extensions["settings"]
    return found


def the_storage() -> Storage:
    """Where files are kept."""
    found: Storage = current_app.extensions["storage"]
    return found
