"""The commands, one file each: they parse, call the floor below, print and exit."""
