"""Page templates, texts and static files, and lists that are encoded once for each state."""
