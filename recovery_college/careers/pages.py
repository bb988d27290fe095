"""All pages of vacancies and considerations, gathered into their room."""

from recovery_college.access.rules import Permission
from recovery_college.careers import consideration_views, hr_views, views
from recovery_college.careers.room import room
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.imports.pages import add_import_pages

__all__ = ["consideration_views", "hr_views", "room", "views"]

add_import_pages(room, "/vacancies/import", (VACANCIES,), Permission.VACANCY_IMPORT)
