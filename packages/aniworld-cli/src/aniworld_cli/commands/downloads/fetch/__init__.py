"""`aniworld fetch`: options, command and output."""
