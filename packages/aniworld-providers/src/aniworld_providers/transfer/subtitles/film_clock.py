"""The times of a finished film; a module of its own so that fetchers load no subtitle code."""

import attrs


@attrs.frozen(kw_only=True)
class FilmClock:
    """The times of the finished film.

    Attributes:
        shifts: Per group, the seconds to add to its own times to get the film's.
        duration: Playing time in seconds, if known.
    """

    shifts: tuple[float, ...] = ()
    duration: float | None = None
