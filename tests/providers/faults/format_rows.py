"""The fault table of streams whose parts are encoded with other settings, or packed otherwise."""

import re
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from providers.faults.dash_period_rows import period, periods
from providers.faults.dash_rows import dash
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import Change, listed, made

_SETS: Final = re.compile(r"<AdaptationSet .*</AdaptationSet>", re.S)


def spliced(*names: str) -> Change:
    """Let a list name all segments of several streams, each with a clock of its own."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for place, name in enumerate(names):
        lines += ["#EXT-X-DISCONTINUITY"] if place else []
        suffix = "m4s" if f"{name}/media-init.mp4" in made() else "ts"
        if suffix == "m4s":
            lines.append(f'#EXT-X-MAP:URI="../{name}/media-init.mp4"')
        count = sum(path.startswith(f"{name}/media-0") for path in made())
        for number in range(count):
            lines += ["#EXTINF:1.0,", f"../{name}/media-{number:03d}.{suffix}"]
    return listed("\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode())


def _sets_of(name: str) -> str:
    found = _SETS.search(made()[f"{name}/m.mpd"].decode())
    assert found is not None
    return re.sub(r'(media|initialization)="', rf'\1="../{name}/', found.group())


_PERIODS: Final = periods(
    *(period('duration="PT6S"', _sets_of(name)) for name in ("dash", "dash-fine", "dash")),
    whole="PT18S",
)

ROWS: dict[str, Row] = {
    "other-settings-in-the-middle": Row(
        row="F15", fault=spliced("fmp4", "fine", "fmp4"), film="fmp4&fine&fmp4"
    ),
    "other-settings-of-packets": Row(
        row="F15", fault=spliced("ts", "fine-ts", "ts"), film="ts&fine-ts&ts"
    ),
    "fragments-behind-packets": Row(
        row="F15", fault=spliced("ts", "fine", "ts"), film="ts&fine&ts"
    ),
    "packets-behind-fragments": Row(
        row="F15", fault=spliced("fine", "ts", "fmp4"), film="fine&ts&fmp4"
    ),
    "another-size-behind-a-cut": Row(row="F15", fault=spliced("ts", "wide"), error=BadMediaError),
    "periods-with-other-settings": attrs.evolve(dash("F15", _PERIODS), film="dash&dash-fine&dash"),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
