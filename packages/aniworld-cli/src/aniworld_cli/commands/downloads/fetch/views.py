"""Output of `aniworld fetch` for each link."""

from typing import Self

import attrs

from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile, FetchPlan


@attrs.frozen(kw_only=True)
class LinkErrorView:
    """Error of a link.

    Attributes:
        kind: Kind of the error, for programs.
        detail: Message for people.
        retry_after_seconds: Wait in seconds that the server asks for, if any.
    """

    kind: str
    detail: str
    retry_after_seconds: float | None = None

    @classmethod
    def of(cls, error: AniworldError) -> Self:
        """Return the view of an error."""
        wait = getattr(error, "retry_after", None)
        seconds = None if wait is None else wait.total_seconds()
        return cls(kind=error.kind, detail=str(error), retry_after_seconds=seconds)


@attrs.frozen(kw_only=True)
class FetchView:
    """Result of one link."""

    url: str
    file: str | None = None
    bytes: int | None = None
    seconds: float
    sha256: str | None = None
    verified: bool = False
    resumed_bytes: int = 0
    attempts: int = 1
    subtitles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    error: LinkErrorView | None = None

    @classmethod
    def done(cls, url: str, file: FetchedFile, seconds: float) -> Self:
        """Return the view of a fetched file."""
        return cls(
            url=url,
            file=str(file.path),
            bytes=file.bytes,
            seconds=round(seconds, 3),
            sha256=file.sha256,
            verified=file.verified,
            resumed_bytes=file.resumed_bytes,
            attempts=file.attempts,
            subtitles=tuple(map(str, file.subtitles)),
            notices=file.notices,
        )

    @classmethod
    def failed(cls, url: str, error: AniworldError, seconds: float) -> Self:
        """Return the view of a link that failed."""
        return cls(url=url, seconds=round(seconds, 3), error=LinkErrorView.of(error))


@attrs.frozen(kw_only=True)
class PlanView:
    """Plan of one link."""

    url: str
    kind: str | None = None
    bytes: int | None = None
    segments: int | None = None
    duration_seconds: float | None = None
    variants: tuple[int, ...] = ()
    audio_languages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    protected: bool = False
    live: bool = False
    error: LinkErrorView | None = None

    @classmethod
    def of(cls, url: str, plan: FetchPlan) -> Self:
        """Return the view of a plan."""
        return cls(
            url=url,
            kind=plan.kind.value,
            bytes=plan.bytes,
            segments=plan.segments,
            duration_seconds=plan.duration_seconds,
            variants=plan.variants,
            audio_languages=plan.audio_languages,
            roles=tuple(role.value for role in plan.roles),
            notices=plan.notices,
            protected=plan.is_protected,
            live=plan.is_live,
        )

    @classmethod
    def failed(cls, url: str, error: AniworldError) -> Self:
        """Return the view of a link without a plan."""
        return cls(url=url, error=LinkErrorView.of(error))
