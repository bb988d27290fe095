"""The assessment room: what is judged. Its views add their pages to it."""

from recovery_college.access.room import Room

room = Room("assessment", __name__)
