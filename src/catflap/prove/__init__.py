"""Attack a bridge over its sockets and keep the evidence; the demo does it to one of its own."""
