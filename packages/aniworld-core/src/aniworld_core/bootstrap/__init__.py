"""Where an application is put together from settings and installed adapters."""
