"""Registration with the awarding organisation, claims for credit, its reply, and what is left to award."""
