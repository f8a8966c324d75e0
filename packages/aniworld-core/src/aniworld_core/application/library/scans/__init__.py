"""Scan the library: compare its folders with the catalogues and report the result."""
