"""Facts about sessions and the service; every log line, metric and screen is derived from them."""
