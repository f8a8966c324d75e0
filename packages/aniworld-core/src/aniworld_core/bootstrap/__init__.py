"""Build an application from settings and installed adapters."""
