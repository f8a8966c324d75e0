"""How the command speaks: data to stdout, talk and progress to stderr, nothing harmful."""
