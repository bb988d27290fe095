"""What keeps assessment fair: adjustments, special considerations, prior learning, appeals, malpractice."""
