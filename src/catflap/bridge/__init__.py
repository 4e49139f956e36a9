"""Two addresses, a guard, limits and a dialect: what is audited, run, proved and exported."""
