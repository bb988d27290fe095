"""Vacancies, the band 2-4 rule, considerations, posts."""
