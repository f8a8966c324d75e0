"""Content coding that a client accepts (RFC 9110 section 12.5.3)."""

from functools import lru_cache

from aiohttp import hdrs, web


def accepts_gzip(request: web.Request) -> bool:
    """Return whether the client accepts gzip."""
    return _names_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))


# Browsers send the same header with every request; rare values leave the cache.
@lru_cache(maxsize=64)
def _names_gzip(header: str) -> bool:
    weights = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = _weight(parameter)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
