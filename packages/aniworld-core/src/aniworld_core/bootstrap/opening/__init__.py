"""Open adapters later than the application: for one use, on first use, after changed settings."""
