"""The room of vacancies and considerations."""

from recovery_college.access.room import Room

room = Room("careers", "recovery_college.careers.views")
