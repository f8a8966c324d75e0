"""Commands that run the server: serve and stop."""
