"""What describes containers: their vectors of words, environment, ports and rights."""
