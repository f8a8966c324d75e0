"""Headers that tell browsers what the answers may do."""

from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict, istr

_POLICY: Final = (
    # Covers need the token of whoever looks, so scripts fetch them and show what they got.
    "default-src 'self'; script-src 'self'; img-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
# A multidict of its own kind is merged at once; one by one, these take longer than most handlers.
_HEADERS: Final = CIMultiDict(
    {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        # What an answer holds is for the one who asked, now; reads with an ETag say otherwise.
        "Cache-Control": "no-store",
        "Server": "Aniworld",
    }
)
#: What handlers set themselves where they know better.
_MAY_DIFFER: Final = (hdrs.CACHE_CONTROL, istr("Content-Security-Policy"))


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add what the handler did not set itself; also to answers of the server's own.

    A signal, not a middleware, so that no answer escapes.
    """
    headers = response.headers
    own = [(name, headers[name]) for name in _MAY_DIFFER if name in headers]
    headers.update(_HEADERS)
    if own:
        headers.update(own)
