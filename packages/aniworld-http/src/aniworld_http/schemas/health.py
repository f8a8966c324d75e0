"""How the server is doing."""

import attrs


@attrs.frozen(kw_only=True)
class Health:
    """That the server answers."""

    status: str
    version: str
    uptime_seconds: float


@attrs.frozen(kw_only=True)
class Liveness:
    """Whether the server is alive, or ready."""

    status: str
