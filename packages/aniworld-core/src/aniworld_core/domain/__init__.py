"""The domain: frozen values and pure rules. No clock, no I/O, no logging."""
