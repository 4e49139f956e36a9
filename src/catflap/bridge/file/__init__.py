"""Bridges from ``catflap.toml``: read whole, every problem told at once, each with its place."""
