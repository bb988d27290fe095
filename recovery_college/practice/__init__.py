"""What happens in post, and what was reported before this system."""
