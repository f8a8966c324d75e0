"""Commands about the installation: config, password and doctor."""
