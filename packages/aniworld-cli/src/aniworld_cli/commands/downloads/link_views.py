"""What `aniworld fetch` prints about each link."""

from typing import Self

import attrs

from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile, FetchPlan


@attrs.frozen(kw_only=True)
class LinkErrorView:
    """Why a link failed.

    Attributes:
        kind: Which kind of error, for programs.
        detail: What happened, for people.
        retry_after_seconds: How long its server asked us to wait, when it did.
    """

    kind: str
    detail: str
    retry_after_seconds: float | None = None

    @classmethod
    def of(cls, error: AniworldError) -> Self:
        """Describe an error."""
        wait = getattr(error, "retry_after", None)
        seconds = None if wait is None else wait.total_seconds()
        return cls(kind=error.kind, detail=str(error), retry_after_seconds=seconds)


@attrs.frozen(kw_only=True)
class FetchView:
    """What became of one link."""

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
        """Describe a file that is there."""
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
        """Describe a link that gave no file."""
        return cls(url=url, seconds=round(seconds, 3), error=LinkErrorView.of(error))


@attrs.frozen(kw_only=True)
class PlanView:
    """What fetching one link would do."""

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
        """Describe a plan."""
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
        """Describe a link about which nothing can be told."""
        return cls(url=url, error=LinkErrorView.of(error))
