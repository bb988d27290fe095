"""The fairness room: what helps a student, prior learning, appeals, concerns. Its views add their pages to it."""

from recovery_college.access.room import Room

room = Room("fairness", __name__)
