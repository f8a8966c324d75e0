"""Parts of M6: forms in which a link reaches the network, and hosts that lead to this machine."""
