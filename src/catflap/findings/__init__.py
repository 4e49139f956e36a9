"""What rules say, as data; how it is shown is decided elsewhere."""
