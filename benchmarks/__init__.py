"""Measured promises: `python -m benchmarks` (or `make bench`) prints one table and fails below a bar."""
