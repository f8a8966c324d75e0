"""The repositories of the storage, one module per port, over shared row conversion."""
