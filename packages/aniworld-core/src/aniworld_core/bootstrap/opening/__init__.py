"""Open adapters without or after the application: for one use, on first use, after changes."""
