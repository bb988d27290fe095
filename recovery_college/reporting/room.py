"""The room of what is only read: each role's home page, and the reports."""

from recovery_college.access.room import Room

room = Room("reporting", "recovery_college.reporting.views")
