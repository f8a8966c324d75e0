"""Progress of a transfer."""

import enum

import attrs


class Phase(enum.StrEnum):
    """Current step of a download."""

    RESOLVING = "resolving"
    FETCHING = "fetching"
    CHECKING = "checking"
    PUBLISHING = "publishing"


@attrs.frozen(kw_only=True)
class Progress:
    """Snapshot of one transfer.

    Attributes:
        downloaded_bytes: Bytes stored on disk.
        total_bytes: Total size; an estimate if `fraction` is given; `None` while unknown.
        rate: Smoothed speed in bytes per second.
        fraction: Completed share in 0..1 where it is not downloaded/total, as for segments.
        phase: Current step.
    """

    downloaded_bytes: int = 0
    total_bytes: int | None = None
    rate: float = 0.0
    fraction: float | None = None
    phase: Phase = Phase.FETCHING

    @property
    def at_rest(self) -> "Progress":
        """Return the same progress without speed and remaining time."""
        return attrs.evolve(self, rate=0.0)

    @property
    def done(self) -> float:
        """Return the completed share in 0..1; 0 while unknown."""
        if self.fraction is not None:
            return min(max(self.fraction, 0.0), 1.0)
        if self.total_bytes:
            return min(self.downloaded_bytes / self.total_bytes, 1.0)
        return 0.0

    @property
    def percent(self) -> float:
        """Return the completed share in 0..100."""
        return self.done * 100.0

    @property
    def is_finishing(self) -> bool:
        """Return whether all bytes are there and the file is being checked and moved."""
        return self.phase in {Phase.CHECKING, Phase.PUBLISHING} or self.done >= 1.0

    @property
    def moving_rate(self) -> float:
        """Return the bytes per second that count in totals: a finishing transfer has none."""
        return 0.0 if self.is_finishing else self.rate

    @property
    def known_size(self) -> int | None:
        """Return the total size; `None` while it is unknown, or a wrong estimate."""
        total = self.total_bytes
        return total if total and total >= self.downloaded_bytes else None

    @property
    def remaining_bytes(self) -> float:
        """Return the bytes that are still to be received; 0 while the size is unknown."""
        return 0.0 if self.is_finishing else (self.known_size or 0) * (1.0 - self.done)

    @property
    def eta_seconds(self) -> float | None:
        """Return the remaining seconds at the current speed, or `None` while unknown."""
        if self.rate <= 0 or self.total_bytes is None:
            return None
        return max(self.total_bytes * (1.0 - self.done), 0.0) / self.rate
