"""Background tasks: start them at intervals and on request, and store how their runs ended."""
