"""One file for each kind of file in which commands are written down."""
