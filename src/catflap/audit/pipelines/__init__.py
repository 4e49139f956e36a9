"""Pipelines and playbooks: steps that a machine runs one after the other."""
