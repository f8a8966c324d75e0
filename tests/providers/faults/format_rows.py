"""The fault table of streams whose parts are encoded otherwise, packed otherwise, or encrypted."""

import functools
import re
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError, ProtectedError
from providers.faults.dash_period_rows import period, periods
from providers.faults.dash_rows import dash
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import PACKET, Change, holds, listed, made, protected, together
from support.media.mp4_boxes import SIGNS_IN_FRAGMENTS, with_fragment_box
from support.sites.hls import HlsSite

_SETS: Final = re.compile(r"<AdaptationSet .*</AdaptationSet>", re.S)


def spliced(*names: str) -> Change:
    """Let a list name all segments of several streams, each with a clock of its own."""
    return lambda site: listed(_spliced(*names))(site)


def _spliced(*names: str) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for place, name in enumerate(names):
        lines += ["#EXT-X-DISCONTINUITY"] if place else []
        suffix = "m4s" if f"{name}/media-init.mp4" in made() else "ts"
        if suffix == "m4s":
            lines.append(f'#EXT-X-MAP:URI="../{name}/media-init.mp4"')
        count = sum(path.startswith(f"{name}/media-0") for path in made())
        for number in range(count):
            lines += ["#EXTINF:1.0,", f"../{name}/media-{number:03d}.{suffix}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def _sets_of(name: str) -> str:
    found = _SETS.search(made()[f"{name}/m.mpd"].decode())
    assert found is not None
    return re.sub(r'(media|initialization)="', rf'\1="../{name}/', found.group())


def _periods(site: HlsSite) -> None:
    names = ("dash", "dash-fine", "dash")
    periods(*(period('duration="PT6S"', _sets_of(name)) for name in names), whole="PT18S")(site)


#: Sound and section of the second period.
_LATE_SOUND: Final = "dash-fine/chunk-stream1-00004.m4s"
_FINE_SECTION: Final = "fine/media-init.mp4"
_LATE_SECTION: Final = "dash-fine/init-stream0.m4s"


def _with_sign(sign: bytes, path: str, site: HlsSite) -> bytes:
    return with_fragment_box(site.files[path], sign)


def _scrambled_late(site: HlsSite) -> None:
    """Set the scrambling control in the second half of a segment."""
    data = bytearray(site.files["ts/media-004.ts"])
    for start in range(len(data) // 2 // PACKET * PACKET, len(data), PACKET):
        data[start + 3] |= 0x80
    site.files["ts/media-004.ts"] = bytes(data)


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
    "periods-with-other-settings": attrs.evolve(dash("F15", _periods), film="dash&dash-fine&dash"),
}

ROWS |= {
    f"encrypted-{name}-in-a-segment": attrs.evolve(
        ROWS["other-settings-in-the-middle"],
        fault=together(
            spliced("fmp4"),
            holds("fmp4/media-003.m4s", functools.partial(_with_sign, sign, "fmp4/media-003.m4s")),
        ),
        error=ProtectedError,
    )
    for name, sign in SIGNS_IN_FRAGMENTS.items()
}
ROWS |= {
    f"encrypted-{name}-in-a-period": dash(
        "F15",
        together(
            _periods,
            holds(_LATE_SOUND, functools.partial(_with_sign, sign, _LATE_SOUND)),
        ),
        error=ProtectedError,
    )
    for name, sign in SIGNS_IN_FRAGMENTS.items()
}
ROWS |= {
    "encrypted-section-of-a-period": dash(
        "F15",
        together(
            _periods,
            holds(_LATE_SECTION, lambda site: protected(site, b"cbcs", _LATE_SECTION)),
        ),
        error=ProtectedError,
    ),
    "encrypted-section-in-the-middle": Row(
        row="F15",
        fault=together(
            spliced("fmp4", "fine"),
            holds(
                "fine/media-init.mp4", lambda site: protected(site, b"cenc", "fine/media-init.mp4")
            ),
        ),
        error=ProtectedError,
    ),
    "scrambled-behind-a-clear-start": Row(row="F15", fault=_scrambled_late, error=ProtectedError),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
