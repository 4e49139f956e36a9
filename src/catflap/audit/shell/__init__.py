"""Reads the shell's language: where commands stand, and what words their programs get."""
