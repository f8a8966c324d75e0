"""Policy of an endpoint: access, rate limit, and treatment of requests and responses."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

import attrs

from aniworld_core.domain.configuration import NetworkConfig


class Kind(Enum):
    """Purpose of an endpoint, which decides how its errors look and whether callers are identified.

    A request is *identified* when its token or API key is looked up before anything else, which
    may read the database.
    """

    API = auto()  #: JSON for programs. Identified; pages of allowed origins may call it.
    SOCKET = auto()  #: The WebSocket and its status. Identified.
    PROBE = auto()  #: Health and metrics. Not identified: it answers while the database is locked.
    PAGE = auto()  #: HTML for people. Errors are shown as pages; before set-up, redirects there.
    FILE = auto()  #: Static files, the same for all visitors.


class Budget(Enum):
    """Rate limit that the requests of an endpoint count against."""

    NONE = auto()  #: Not counted.
    REQUESTS = auto()  #: Counted per client, or per session or API key where there is one.
    GUESSES = auto()  #: As `REQUESTS`, and counted against the limit on password guesses, too.


def _never(_network: NetworkConfig) -> bool:
    return False


@attrs.frozen(kw_only=True)
class Policy:
    """Access, rate limit and secrecy of an endpoint. The default is the strictest.

    Attributes:
        kind: Purpose of the endpoint.
        is_public: Whether it answers callers without a token or API key.
        is_before_setup: Whether it works while no master password is set.
        budget: Rate limit of its requests; by default requests of the API are counted.
        is_secret: Whether responses may contain tokens, keys, settings or log records. They are
            not compressed, because their length would reveal how much of a request equals a part
            of the secret (BREACH), and the access log shows the path template only.
        is_handshake: Whether a WebSocket handshake may arrive without credentials, because the
            first message may contain the token. Other requests for it need them.
        is_for_oneself: Whether everybody who is signed in may use it, whatever their role, because
            it is about their own account. API keys need the scope.
        takes_feed_token: Whether a key with the scope calendar may be given as `token` in the
            query, because calendar programs send no headers.
        takes_media_link: Whether a signed link in the path identifies the caller, because media
            elements and players send no headers.
        opened_by: Return whether the network settings make it public.
    """

    kind: Kind = Kind.API
    is_public: bool = False
    is_before_setup: bool = False
    budget: Budget = attrs.field()
    is_secret: bool = False
    is_handshake: bool = False
    is_for_oneself: bool = False
    takes_feed_token: bool = False
    takes_media_link: bool = False
    opened_by: Callable[[NetworkConfig], bool] = _never

    @budget.default
    def _usual_budget(self) -> Budget:
        return Budget.REQUESTS if self.kind is Kind.API else Budget.NONE

    @property
    def is_identified(self) -> bool:
        """Whether callers are identified before their requests are counted or refused."""
        return self.kind is Kind.API or self.kind is Kind.SOCKET


#: Needs a token or API key. The policy of an operation that names none.
CLOSED: Final = Policy()
#: As `CLOSED`, with secrets in its responses.
SECRET: Final = Policy(is_secret=True)
#: As `SECRET`, for everybody who is signed in.
ONESELF: Final = Policy(is_secret=True, is_for_oneself=True)
#: Open to all callers, also before the first set-up.
PUBLIC: Final = Policy(is_public=True, is_before_setup=True)
#: A page without data: open to all visitors; before set-up it redirects there.
PAGE: Final = Policy(kind=Kind.PAGE, is_public=True)
#: A page or file that is shown before set-up, too.
EARLY_PAGE: Final = Policy(kind=Kind.PAGE, is_public=True, is_before_setup=True)
#: A static file.
FILE: Final = Policy(kind=Kind.FILE, is_public=True, is_before_setup=True)
