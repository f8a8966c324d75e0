"""Testing/contracts."""
