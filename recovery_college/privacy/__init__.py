"""The audit viewer, and who looked at one's record. Part of the roof, since it sees every room."""
