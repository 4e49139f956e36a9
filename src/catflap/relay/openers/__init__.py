"""One file a family: what makes channels from addresses."""
