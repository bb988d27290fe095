"""recovery-college: trains NHS Peer Support Workers and walks them into jobs."""
