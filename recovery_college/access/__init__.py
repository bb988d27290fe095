"""Roles, permissions, the GRANTS table, Room, and the gate."""
