"""Client for media bytes: bodies without a copy, timeouts, and limits on connections."""
