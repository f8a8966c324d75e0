"""Commands about the library: list, scan, parse and import-legacy."""
