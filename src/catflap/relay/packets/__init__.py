"""Sockets that carry packets: their halves, who sent what, and one socket for many peers."""
