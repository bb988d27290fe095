"""Person, account, sign-in, sessions."""
