"""What is compared under which conditions, and what the goals are."""

from dataclasses import dataclass

STREAMS = ("ffmpeg", "yt-dlp")


@dataclass(frozen=True)
class Scenario:
    """One kind of work.

    Attributes:
        way: How it is served.
        peers: Whom ours is compared with.
        is_stream: Whether a film in segments is loaded, not a file.
        share: Size of the file as a share of the run's.
        encrypted: Whether the segments are.
    """

    way: str
    peers: tuple[str, ...]
    is_stream: bool = False
    share: float = 1.0
    encrypted: bool = False


SCENARIOS = {
    "direct": Scenario("plain", ("curl", "curl+sync", "bare", "aria2c", "yt-dlp")),
    "direct-tls": Scenario("tls", ("curl", "curl+sync", "aria2c")),
    "direct-limited": Scenario("limited", ("curl", "aria2c"), share=1 / 4),
    "direct-late": Scenario("late50", ("curl", "aria2c", "yt-dlp")),
    "hls": Scenario("plain", STREAMS, is_stream=True),
    "hls-aes": Scenario("plain", STREAMS, is_stream=True, encrypted=True),
    "hls-late": Scenario("late40", STREAMS, is_stream=True),
    "hls-aes-late": Scenario("late40", STREAMS, is_stream=True, encrypted=True),
    "hls-slow": Scenario("slow", ("yt-dlp",), is_stream=True),
}


@dataclass(frozen=True)
class Goal:
    """A ratio that must be reached and one that we are after; of time if not said otherwise."""

    floor: float | None
    moonshot: float
    measure: str = "wall_min"


GOALS: dict[tuple[str, str], tuple[Goal, ...]] = {
    ("direct", "curl"): (Goal(0.70, 0.45, "inner_min"),),
    ("direct", "bare"): (Goal(None, 1.10, "inner_min"),),
    ("direct", "yt-dlp"): (Goal(0.50, 0.25),),
    ("direct-tls", "curl"): (Goal(1.10, 0.85),),
    ("direct-limited", "aria2c"): (Goal(1.00, 0.85),),
    ("direct-limited", "curl"): (Goal(None, 0.12),),
    ("hls", "yt-dlp"): (Goal(0.35, 0.22),),
    ("hls", "ffmpeg"): (Goal(None, 1.00), Goal(2.0, 1.4, "memory")),
    ("hls-aes", "yt-dlp"): (Goal(0.30, 0.18),),
    ("hls-aes", "ffmpeg"): (Goal(0.50, 0.30),),
    ("hls-late", "yt-dlp"): (Goal(0.35, 0.20),),
    ("hls-slow", "yt-dlp"): (Goal(0.75, 0.60),),
}
