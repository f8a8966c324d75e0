"""Ways out of this machine: which addresses may be reached, and clients that keep to that."""
