"""How far a transfer has come."""

import enum

import attrs


class Phase(enum.StrEnum):
    """What a download is doing at the moment."""

    RESOLVING = "resolving"
    FETCHING = "fetching"
    CHECKING = "checking"
    PUBLISHING = "publishing"


@attrs.frozen(kw_only=True)
class Progress:
    """A snapshot of one transfer.

    Attributes:
        downloaded_bytes: Bytes that are safely on disk.
        total_bytes: Whole size; an estimate when `fraction` is given; `None` while unknown.
        rate: Smoothed speed in bytes per second.
        fraction: Done share in 0..1 where it is not downloaded/total (segments of a playlist).
        phase: What is going on.
    """

    downloaded_bytes: int = 0
    total_bytes: int | None = None
    rate: float = 0.0
    fraction: float | None = None
    phase: Phase = Phase.FETCHING

    @property
    def at_rest(self) -> "Progress":
        """The same progress without speed, and so without remaining time."""
        return attrs.evolve(self, rate=0.0)

    @property
    def done(self) -> float:
        """The done share in 0..1; 0 while nothing is known."""
        if self.fraction is not None:
            return min(max(self.fraction, 0.0), 1.0)
        if self.total_bytes:
            return min(self.downloaded_bytes / self.total_bytes, 1.0)
        return 0.0

    @property
    def percent(self) -> float:
        """The done share in 0..100."""
        return self.done * 100.0

    @property
    def eta_seconds(self) -> float | None:
        """Seconds left at the present speed, or `None` while that cannot be told."""
        if self.rate <= 0 or self.total_bytes is None:
            return None
        return max(self.total_bytes * (1.0 - self.done), 0.0) / self.rate
