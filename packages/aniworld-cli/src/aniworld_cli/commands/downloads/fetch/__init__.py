"""The command `fetch`: its options, its work and its output."""
