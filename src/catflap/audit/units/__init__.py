"""How systemd reads its units."""
