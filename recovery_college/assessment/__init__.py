"""What is judged, and what a unit's state follows from: decisions, verdicts; and marking."""
