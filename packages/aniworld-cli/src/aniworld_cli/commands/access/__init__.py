"""Commands about access: the master password and accounts."""
