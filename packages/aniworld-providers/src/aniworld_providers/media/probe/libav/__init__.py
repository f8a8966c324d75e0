"""Calls of libav through PyAV: inputs that open no other files, and plain texts of errors."""
