"""The quality room: plans and records of quality assurance. Its views add their pages to it."""

from recovery_college.access.room import Room

room = Room("quality", __name__)
