"""Eligibility, graduates, certificates and their verification."""
