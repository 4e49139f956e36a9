"""Where events go: the only place that writes them anywhere."""
