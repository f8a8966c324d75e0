"""The `aniworld` command."""
