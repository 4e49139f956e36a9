"""Takes commands out of the programs that start them: ``sudo``, ``timeout``, ``docker run``."""
