"""Who may connect: pure decisions, no socket, no clock, no state."""
