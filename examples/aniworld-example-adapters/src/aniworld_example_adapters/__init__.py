"""Adapters of three small ports, to copy: a notifier, a metadata source and a resolver."""
