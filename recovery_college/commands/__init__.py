"""The commands of the console that need more than a few lines, and what all of them share."""
