"""A relay for sockets that speaks socat's address language and is safe by default."""

__version__ = "0.1.0"

__all__ = ("__version__",)
