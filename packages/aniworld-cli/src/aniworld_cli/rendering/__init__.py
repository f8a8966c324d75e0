"""Output of the command: data to stdout, messages and progress to stderr."""
