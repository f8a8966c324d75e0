"""What every request passes on its way to a handler, from the outside in."""

from collections.abc import Sequence
from typing import Final

from aiohttp.typedefs import Middleware

from aniworld_http.middlewares.auth import authenticate, identify
from aniworld_http.middlewares.errors import errors

#: The order matters; each stands where its neighbours need it.
MIDDLEWARES: Final[Sequence[Middleware]] = (
    errors,
    identify,
    authenticate,
)

__all__ = ["MIDDLEWARES"]
