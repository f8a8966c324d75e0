"""The fault table of streams: what lists and keys can be, and must come to."""

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    NeedsPersonError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import (
    CHECK,
    KEY,
    PAGE,
    PNG,
    answers,
    apart,
    bomb,
    cut_at,
    edited,
    encrypted,
    endless,
    followed,
    holding,
    holds,
    in_segment,
    leads_to,
    listed,
    of,
    protected,
    scrambled,
    swap_with,
    together,
)
from support.sites.hls import first_bytes, instead, status, times

TS = "#EXTINF:1.000000,\nmedia-003.ts"

ROWS: dict[str, Row] = {
    # Cut and careless lists
    "list-cut-once": Row(
        row="F15",
        fault=lambda site: answers(
            "ts/media.m3u8", times(1, holding(site.files["ts/media.m3u8"][:250]))
        )(site),
    ),
    "list-cut-in-an-address": Row(
        row="F15",
        fault=holds(
            "ts/media.m3u8",
            lambda site: site.files["ts/media.m3u8"].partition(b"-004.ts")[0],
        ),
        error=AniworldError,
    ),
    "list-cut-behind-a-duration": Row(
        row="F15",
        fault=holds(
            "ts/media.m3u8",
            lambda site: site.files["ts/media.m3u8"].partition(b"media-004.ts")[0],
        ),
        error=AniworldError,
    ),
    "list-cut-no-end-no-type": Row(
        row="F15",
        fault=together(
            edited(("#EXT-X-PLAYLIST-TYPE:VOD\n", "")),
            holds(
                "ts/media.m3u8",
                lambda site: site.files["ts/media.m3u8"].partition(b"#EXTINF:1.000000,\nmedia-004")[
                    0
                ],
            ),
        ),
        error=UnsupportedSourceError,
    ),
    "list-without-one-in-the-middle": Row(
        row="F15", fault=edited((TS + "\n", "")), error=BadMediaError
    ),
    "list-without-its-second-half": Row(
        row="F15",
        fault=edited(
            ("#EXTINF:1.000000,\nmedia-005.ts\n", ""),
            ("#EXTINF:1.000000,\nmedia-004.ts\n", ""),
            ("#EXTINF:1.000000,\nmedia-003.ts\n", ""),
        ),
        duration=6.0,
        error=BadMediaError,
    ),
    "list-in-wrong-order": Row(
        row="F15",
        fault=edited(("media-003", "x"), ("media-002", "media-003"), ("x.ts", "media-002.ts")),
        error=BadMediaError,
    ),
    "list-with-a-gap": Row(
        row="F15", fault=edited((TS, "#EXT-X-GAP\n" + TS)), error=SourceGoneError
    ),
    "list-leads-to-another-film": Row(
        row="F15", fault=edited((TS, "#EXTINF:1.0,\n../wide/media-003.ts")), error=BadMediaError
    ),
    "list-has-no-lines-ends": Row(
        row="F15", fault=edited(("#EXTM3U\n", "#EXTM3U\r\n"), (",\n", ",\r\n"))
    ),
    "advert-of-another-size": Row(
        row="F15",
        fault=edited(
            (
                TS,
                f"#EXT-X-DISCONTINUITY\n#EXTINF:1.0,\n../wide/media-003.ts\n#EXT-X-DISCONTINUITY\n{TS}",
            )
        ),
        error=BadMediaError,
    ),
    # T5, T6: hostile lists
    "list-is-a-page": Row(row="F14", fault=listed(PAGE), error=BadPlaylistError),
    "list-is-empty": Row(row="F14", fault=listed(b""), error=BadPlaylistError),
    "list-is-an-image": Row(row="F14", fault=listed(PNG), error=BadPlaylistError),
    "list-is-a-bot-check": Row(row="F14", fault=listed(CHECK), error=NeedsPersonError),
    "list-names-nothing": Row(
        row="F14", fault=listed(b"#EXTM3U\n#EXT-X-ENDLIST\n"), error=BadPlaylistError
    ),
    "list-names-itself": Row(
        row="T6",
        fault=listed(b"#EXTM3U\n#EXTINF:1,\nmedia.m3u8\n#EXT-X-ENDLIST"),
        error=BadMediaError,
    ),
    "master-names-itself": Row(
        row="T6",
        fault=listed(b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8\n"),
        error=BadPlaylistError,
    ),
    "list-of-100000": Row(
        row="T6", fault=listed(b"#EXTM3U\n" + b"#EXTINF:1,\na\n" * 100_000), error=BadPlaylistError
    ),
    "list-of-one-line": Row(
        row="T6", fault=listed(b"#EXTM3U\n" + b"x" * 5_000_000), error=BadPlaylistError
    ),
    "list-never-ends": Row(
        row="T6", fault=answers("ts/media.m3u8", endless), error=BadPlaylistError
    ),
    "list-is-a-bomb": Row(row="T7", fault=bomb("ts/media.m3u8"), error=BadPlaylistError),
    "list-names-nobody": Row(
        row="F12",
        fault=edited((TS, "#EXTINF:1,\nhttp://nobody.invalid/a.ts")),
        error=FetchInterruptedError,
    ),
    "list-names-a-file": Row(
        row="T5", fault=edited((TS, "#EXTINF:1,\nfile:///etc/passwd")), error=BadPlaylistError
    ),
    "list-names-loopback": Row(
        row="T5",
        fault=edited((TS, "#EXTINF:1,\nhttp://127.0.0.1:9/a.ts")),
        error=AddressRefusedError,
    ),
    "list-names-a-cloud": Row(
        row="T5",
        fault=edited((TS, "#EXTINF:1,\nhttp://169.254.169.254/latest")),
        error=AddressRefusedError,
    ),
    "segment-leads-to-loopback": Row(
        row="T4",
        fault=in_segment(lambda: leads_to("http://127.0.0.1:9/a.ts")),
        error=AddressRefusedError,
    ),
    "segment-leads-to-a-file": Row(
        row="T4",
        fault=in_segment(lambda: leads_to("file:///etc/passwd")),
        error=AddressRefusedError,
    ),
    "key-is-a-file": Row(
        row="T5",
        fault=together(encrypted(), edited(("k.bin", "file:///etc/passwd"))),
        error=BadPlaylistError,
    ),
    "key-is-internal": Row(
        row="T5",
        fault=together(encrypted(), edited(("k.bin", "http://[::1]:9/k"))),
        error=AddressRefusedError,
    ),
    # Keys
    "encrypted": Row(row="F15", fault=encrypted()),
    "key-wrong-once": Row(
        row="F15", fault=together(encrypted(), answers("ts/k.bin", times(1, holding(bytes(16)))))
    ),
    "key-wrong": Row(
        row="F15",
        fault=together(encrypted(), answers("ts/k.bin", holding(bytes(16)))),
        error=BadMediaError,
    ),
    "key-short": Row(
        row="F15",
        fault=together(encrypted(), answers("ts/k.bin", holding(KEY[:15]))),
        error=BadMediaError,
    ),
    "key-is-a-page": Row(
        row="F14",
        fault=together(encrypted(), answers("ts/k.bin", instead(PAGE))),
        error=BadMediaError,
    ),
    "key-missing": Row(
        row="F15",
        fault=together(encrypted(), answers("ts/k.bin", status(404))),
        error=SourceGoneError,
    ),
    "key-of-one-segment-is-another": Row(
        row="F15",
        fault=encrypted(key_for=lambda number: KEY if number != 3 else KEY[::-1]),
        error=BadMediaError,
    ),
    "protected": Row(
        row="F15",
        fault=together(encrypted(), edited(("AES-128", "SAMPLE-AES"))),
        error=ProtectedError,
    ),
    **{
        f"encrypted-and-{len(tail)}-behind": Row(
            row="F15", fault=together(encrypted(), followed(tail))
        )
        for tail in (b"\n", b"<!-- cdn -->", bytes(16), b"\xff" * 188, PAGE)
    },
    "encrypted-fragments-and-5-behind": Row(
        row="F15",
        fault=together(encrypted(name="fmp4"), followed(b"12345", "fmp4")),
        path="fmp4/media.m3u8",
        film="fmp4",
    ),
    "protected-by-the-section-only": Row(
        row="F15",
        fault=holds("fmp4/media-init.mp4", lambda site: protected(site, b"cbcs")),
        path="fmp4/media.m3u8",
        error=ProtectedError,
    ),
    "scrambled": Row(row="F15", fault=scrambled, error=ProtectedError),
    "encrypted-cut": Row(
        row="F7",
        fault=together(encrypted(), in_segment(lambda: first_bytes(16 * 99))),
        error=BadMediaError,
    ),
    "encrypted-another-segment": Row(
        row="F15",
        fault=together(encrypted(iv=bytes(16)), swap_with(2, 1)),
        error=BadMediaError,
    ),
    # Sound of its own
    "sound": Row(row="F15", fault=apart(), path="m.m3u8", film="picture+sound"),
    "sound-cut": Row(
        row="F15",
        fault=together(apart(), cut_at(0.5, 3, "sound")),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "sound-another-segment": Row(
        row="F15",
        fault=together(apart(), in_segment(lambda: holding(of("sound", 1)), 3, "sound")),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "sound-ends-early": Row(
        row="F15",
        fault=together(
            apart(),
            holds(
                "sound/media.m3u8",
                lambda site: (
                    site.files["sound/media.m3u8"].partition(b"media-003")[0][:-18]
                    + b"#EXT-X-ENDLIST\n"
                ),
            ),
        ),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "sound-is-gone": Row(
        row="F15",
        fault=together(apart(), answers("sound/media.m3u8", status(404))),
        path="m.m3u8",
        error=SourceGoneError,
    ),
    "variant-is-gone": Row(
        row="F15",
        fault=holds(
            "m.m3u8",
            lambda _: (
                b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=999x999\ngone.m3u8\n"
                b"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=160x90\nts/media.m3u8\n"
            ),
        ),
        path="m.m3u8",
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
