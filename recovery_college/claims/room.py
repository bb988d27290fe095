"""The room `claims`: its pages are added by the files of views."""

from recovery_college.access.room import Room

room = Room("claims", __name__)
