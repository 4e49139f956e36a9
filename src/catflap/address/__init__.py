"""socat's address language: the tree, its grammar, and the catalogue of all that it knows."""
