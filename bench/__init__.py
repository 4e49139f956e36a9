"""Measure catflap beside the relays people use today; ``python -m bench`` runs it."""
