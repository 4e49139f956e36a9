"""Finds unsafe tunnels wherever they are written down."""
