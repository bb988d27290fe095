"""Figures that were reported before this system, each with its date and source."""
