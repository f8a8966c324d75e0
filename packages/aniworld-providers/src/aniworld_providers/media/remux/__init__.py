"""Copy tracks into a container without encoding, in a separate process."""
