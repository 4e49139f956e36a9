"""How a report is written: one file a format, over nothing but the report."""
