"""Commands about downloads: add, download, queue and fetch."""
