"""Credit: registration with the awarding organisation, claims (RAC), its reply, what is left to award."""
