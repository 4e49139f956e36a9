"""The relays compared: what each is called, how it is started, which doors it opens."""

from bench.peers.model import Command, Door, Peer
from bench.peers.start import Relay, start_peer
from bench.peers.table import DIRECT, OURS, PEERS

__all__ = ("DIRECT", "OURS", "PEERS", "Command", "Door", "Peer", "Relay", "start_peer")
