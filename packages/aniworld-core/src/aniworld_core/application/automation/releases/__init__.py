"""Releases: the calendar of broadcasts and expected versions, and checks near them."""
