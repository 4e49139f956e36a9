"""TLS by pyOpenSSL, which no other floor imports."""
