"""``catflap-socat``: the command line, defaults, log and exit statuses of the C program."""
