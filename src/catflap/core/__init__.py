"""What every floor shares: errors, units, spans, secrets, and the nouns."""
