"""Media servers: refresh the changed series of a server's library."""
