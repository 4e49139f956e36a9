"""A line editor for a terminal that is read and written without waiting."""
