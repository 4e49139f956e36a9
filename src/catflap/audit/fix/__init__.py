"""Fixes for what the rules find: exact edits that are tried before they are offered."""
