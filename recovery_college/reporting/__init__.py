"""Read only: each role's home page, reports, charts."""
