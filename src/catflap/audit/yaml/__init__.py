"""YAML by its grammar: values with the exact place of every character, broken files in part."""
