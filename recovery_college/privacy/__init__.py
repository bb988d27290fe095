"""The roof: the audit viewer, subject access, retention."""
