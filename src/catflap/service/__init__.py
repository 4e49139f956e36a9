"""One process that runs bridges: gate, sandbox, relay, sinks."""
