"""Commands about the installation: config and doctor."""
