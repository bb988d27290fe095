"""What is judged: decisions and quality assurance."""
