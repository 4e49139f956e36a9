"""Looks at files, modes and the user, so that rules need not."""
