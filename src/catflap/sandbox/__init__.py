"""What the process may still do once its listeners are open."""
