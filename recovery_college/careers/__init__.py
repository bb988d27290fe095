"""Vacancies, the band 2-4 rule, considerations; wishes, consents, candidacies and posts."""
