"""Security headers of all responses."""

from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict, istr

_POLICY: Final = (
    # Covers need a token, so scripts fetch them and show them as blob: URLs.
    "default-src 'self'; script-src 'self'; img-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
# Merging a CIMultiDict at once is faster than setting each header.
_HEADERS: Final = CIMultiDict(
    {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        # Responses are for one caller and one moment; those with an ETag set their own value.
        "Cache-Control": "no-store",
        "Server": "Aniworld",
    }
)
#: Headers that a handler may set itself.
_MAY_DIFFER: Final = (hdrs.CACHE_CONTROL, istr("Content-Security-Policy"))


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the security headers that the handler did not set.

    This is a signal, not a middleware, so that responses made by aiohttp get them, too.
    """
    headers = response.headers
    own = [(name, headers[name]) for name in _MAY_DIFFER if name in headers]
    headers.update(_HEADERS)
    if own:
        headers.update(own)
