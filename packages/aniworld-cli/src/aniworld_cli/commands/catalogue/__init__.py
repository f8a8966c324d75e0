"""Commands about catalogues: search, browse, show and providers."""
