"""SQLite repositories, one module per port, with shared row conversion."""
