"""The fault table of streams: what a segment can be, and must come to."""

from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
)
from providers.faults.hls_case import Row, arrives_first, case_of, lasting, passing
from providers.faults.hls_faults import (
    CHECK,
    PACKET,
    PAGE,
    PNG,
    answers,
    coded,
    compressed,
    cut_at,
    cut_short,
    everywhere,
    followed,
    holding,
    holds,
    in_segment,
    lying_part,
    mastered,
    narrow,
    noisy,
    of,
    segment,
    swap,
    switched,
    together,
    unasked_whole,
    wants_cookie,
    without_end,
    wrong_part,
)
from support.sites.hls import (
    dropped_after,
    first_bytes,
    instead,
    silent_after,
    status,
    times,
    unasked_part,
)

ROWS: dict[str, Row] = {
    "fine": Row(row="F1", fault=lambda site: None),
    # One segment, once
    "missing-twice": passing(lambda: times(2, status(404))),
    "error-twice": passing(lambda: times(2, status(500))),
    "page-twice": passing(lambda: times(2, instead(PAGE))),
    "first-is-a-page-once": Row(row="F14", fault=in_segment(lambda: times(1, instead(PAGE)), 0)),
    "empty-twice": passing(lambda: times(2, instead(b""))),
    "dropped-twice": passing(lambda: times(2, dropped_after(1000))),
    "dropped-each-time": passing(lambda: dropped_after(20_000)),
    "short-twice": passing(lambda: times(2, first_bytes(5000))),
    "short-on-a-border": passing(lambda: times(1, first_bytes(PACKET * 20))),
    "short-on-a-border-twice": passing(lambda: times(2, first_bytes(PACKET * 20))),
    "short-on-a-border-for-good": lasting(lambda: first_bytes(PACKET * 20), BadMediaError),
    "image-once": passing(lambda: times(1, instead(PNG, "image/png"))),
    "unasked-part": passing(lambda: times(1, unasked_part)),
    "another-segment-once": passing(lambda: times(1, holding(of("ts", 1)))),
    "another-size-once": passing(lambda: times(1, holding(of("wide", 2)))),
    "another-segment-once-before-the-others": arrives_first(holding(of("ts", 1))),
    "the-next-segment-once-before-the-others": arrives_first(holding(of("ts", 3))),
    "another-size-once-before-the-others": arrives_first(holding(of("wide", 2))),
    "half-of-it-once-before-the-others": arrives_first(
        holding(of("ts", 2)[: len(of("ts", 2)) // PACKET // 2 * PACKET])
    ),
    "silent-once": passing(lambda: times(1, silent_after(3000)), "F11"),
    "busy": passing(lambda: times(3, status(429, **{"Retry-After": "2"})), "F10"),
    "away": passing(lambda: times(3, status(503, **{"Retry-After": "x"})), "F10"),
    "no-length-cut-once": passing(lambda: times(1, without_end), "F7"),
    # One segment, for good
    "missing": lasting(lambda: status(404), SourceGoneError),
    "error": lasting(lambda: status(500), FetchInterruptedError),
    "busy-for-long": lasting(
        lambda: status(429, **{"Retry-After": "900"}), FetchInterruptedError, "F10"
    ),
    "expired": lasting(lambda: status(403), LinkRefusedError, "F13"),
    "page": lasting(lambda: instead(PAGE), BadMediaError, "F14"),
    "bot-check": lasting(lambda: instead(CHECK), NeedsPersonError, "F14"),
    "image": lasting(lambda: instead(PNG, "image/png"), BadMediaError, "F14"),
    "empty": lasting(lambda: instead(b""), BadMediaError, "F14"),
    "noise": lasting(lambda: holding(b"\x01\x02\x03\xff" * 9999), BadMediaError, "F14"),
    "list-as-segment": lasting(lambda: instead(b"#EXTM3U\n" * 99), BadMediaError, "F14"),
    "dropped": lasting(lambda: dropped_after(0), FetchInterruptedError, "F6"),
    "silent": lasting(lambda: silent_after(3000), FetchInterruptedError, "F11"),
    "no-length-cut": lasting(lambda: without_end, BadMediaError, "F7"),
    "compressed": passing(lambda: compressed, "F7"),
    "short": lasting(lambda: first_bytes(5000), FetchInterruptedError, "F7"),
    "cut-at-5": Row(row="F7", fault=cut_at(0.05), error=BadMediaError),
    "cut-at-50": Row(row="F7", fault=cut_at(0.5), error=BadMediaError),
    "cut-at-5-once": passing(lambda: times(1, cut_short(0.05)), "F7"),
    "cut-at-80-once": passing(lambda: times(1, cut_short(0.8)), "F7"),
    "first-cut-at-50": Row(row="F7", fault=cut_at(0.5, 0), error=BadMediaError),
    "last-cut-at-5": Row(row="F7", fault=cut_at(0.05, 5), error=BadMediaError),
    "last-cut-at-50": Row(row="F7", fault=cut_at(0.5, 5), error=BadMediaError),
    "last-cut-at-80-once": Row(row="F7", fault=in_segment(lambda: times(1, cut_short(0.8)), 5)),
    "redirected-to-another-segment": lasting(lambda: switched("ts/media-001.ts"), BadMediaError),
    "another-segment": lasting(lambda: holding(of("ts", 1)), BadMediaError),
    "the-next-segment": lasting(lambda: holding(of("ts", 3)), BadMediaError),
    "last-is-the-one-before": Row(
        row="F15", fault=in_segment(lambda: holding(of("ts", 4)), 5), error=BadMediaError
    ),
    "another-size": lasting(lambda: holding(of("wide", 2)), BadMediaError),
    "two-in-one": lasting(lambda: holding(of("ts", 2) + of("ts", 3)), BadMediaError),
    "twice-in-one": lasting(lambda: holding(of("ts", 2) * 2), BadMediaError),
    "swapped": Row(row="F15", fault=swap(2, 3), error=BadMediaError),
    "first-and-second-swapped": Row(row="F15", fault=swap(0, 1), error=BadMediaError),
    "all-are-the-first": Row(
        row="F15",
        fault=together(*(holds(segment(n), lambda _: of("ts", 0)) for n in range(1, 6))),
        error=BadMediaError,
    ),
    "hole-in-the-middle": Row(
        row="F15",
        fault=holds(segment(2), lambda _: of("ts", 2)[: PACKET * 20] + of("ts", 2)[-PACKET * 20 :]),
        error=BadMediaError,
    ),
    # Fragments of an MP4
    "fmp4": Row(row="F15", fault=lambda site: None, path="fmp4/media.m3u8", film="fmp4"),
    **{
        f"fmp4-and-{len(tail)}-behind": Row(
            row="F15", fault=followed(tail, "fmp4"), path="fmp4/media.m3u8", film="fmp4"
        )
        for tail in (b"TAG" + b"Folge 1".ljust(125, b"\0"), PAGE, bytes(512))
    },
    "and-a-tag-behind": Row(row="F15", fault=followed(b"TAG".ljust(128, b"\0"))),
    "fmp4-noise-inside": Row(
        row="F15",
        fault=holds(segment(2, "fmp4"), lambda _: noisy(of("fmp4", 2))),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-short": Row(
        row="F15",
        fault=in_segment(lambda: first_bytes(2000), 2, "fmp4"),
        path="fmp4/media.m3u8",
        error=FetchInterruptedError,
    ),
    "fmp4-head-only": Row(
        row="F15",
        fault=holds(
            segment(2, "fmp4"), lambda _: of("fmp4", 2)[: of("fmp4", 2).index(b"mdat") - 4]
        ),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-another-segment": Row(
        row="F15",
        fault=in_segment(lambda: holding(of("fmp4", 1)), 2, "fmp4"),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-last-is-the-one-before": Row(
        row="F15",
        fault=in_segment(lambda: holding(of("fmp4", 4)), 5, "fmp4"),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-swapped": Row(
        row="F15", fault=swap(2, 3, "fmp4"), path="fmp4/media.m3u8", error=BadMediaError
    ),
    "fmp4-two-in-one": Row(
        row="F15",
        fault=in_segment(lambda: holding(of("fmp4", 2) + of("fmp4", 3)), 2, "fmp4"),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-init-is-a-page": Row(
        row="F14",
        fault=answers("fmp4/media-init.mp4", instead(PAGE)),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "fmp4-segment-of-packets": Row(
        row="F15",
        fault=in_segment(lambda: holding(of("ts", 2)), 2, "fmp4"),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    # F8: ranges of one file
    "one-file": Row(row="F8", fault=lambda site: None, path="one/media.m3u8", film="one"),
    "one-file-ranges-refused": Row(
        row="F8",
        fault=lambda site: setattr(site, "honours_ranges", False),
        path="one/media.m3u8",
        film="one",
    ),
    "one-file-another-range": Row(
        row="F8",
        fault=answers("one/media.ts", wrong_part),
        path="one/media.m3u8",
        error=FetchInterruptedError,
    ),
    "one-file-lying-range": Row(
        row="F8",
        fault=answers("one/media.ts", lying_part),
        path="one/media.m3u8",
        error=BadMediaError,
    ),
    "one-file-shorter": Row(
        row="F8",
        fault=holds("one/media.ts", lambda site: site.files["one/media.ts"][: -PACKET * 30]),
        path="one/media.m3u8",
        error=FetchInterruptedError,
    ),
}

ROWS |= {
    # F13, F10: cookies, and too many connections
    "cookie-of-the-list": Row(row="F13", fault=wants_cookie),
    "cookie-of-the-list-of-lists": Row(
        row="F13", fault=together(mastered, wants_cookie), path="m.m3u8"
    ),
    **{
        f"at-most-{places}-{code}": Row(row="F10", fault=narrow(places, code), connections=6)
        for places in (1, 2, 3)
        for code in (403, 429, 503)
    },
    # F7: what a server calls compressed, and what it sends as a part
    **{
        f"coding-{name or 'empty'}": Row(row="F7", fault=everywhere(coded(name)))
        for name in ("aws-chunked", "", "none", "BINARY, identity")
    },
    "unasked-wholes": Row(row="F8", fault=everywhere(unasked_whole)),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
