"""What moves the bytes: listeners, sessions, pumps and the openers of every kind."""
