"""Resolvers: find the streams of a page or link."""
