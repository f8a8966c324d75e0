"""Catalogues, resolvers and the verified download engine, found by entry point."""
