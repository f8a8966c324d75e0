"""The clock of a finished film, by which its subtitles are timed."""

import attrs


@attrs.frozen(kw_only=True)
class FilmClock:
    """When things happen in the finished film.

    Attributes:
        shifts: Per group, the seconds between its own clock and the film's.
        duration: How long the film plays, in seconds.
    """

    shifts: tuple[float, ...] = ()
    duration: float | None = None
