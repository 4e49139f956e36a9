"""What is said to HTTP proxies and SOCKS servers: bytes in, bytes out, no sockets."""
