"""Pumps: two flows, one a direction, under one contract."""
