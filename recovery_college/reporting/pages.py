"""The pages of what is only read, gathered into their room."""

from recovery_college.reporting import consideration_views, views
from recovery_college.reporting.room import room

__all__ = ["consideration_views", "room", "views"]
