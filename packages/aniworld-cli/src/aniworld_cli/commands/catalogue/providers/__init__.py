"""The commands `providers`: their work and their output."""
