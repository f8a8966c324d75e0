"""The fault table of HLS: redundant variants, and wrong lists that players read all the same."""

import base64
from typing import Final

from aniworld_core.errors import (
    LinkRefusedError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import (
    Change,
    answers,
    apart,
    edited,
    encrypted,
    holds,
    made,
    together,
)
from support.sites.hls import Fault, HlsSite, silent_after, status

_MASTER: Final = "m.m3u8"
_WIDEVINE: Final = (
    '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="data:,x",'
    'KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"\n'
)
_SEGMENT: Final = "first/media-002.ts"


def redundant(*changes: Change) -> Change:
    """Offer the film twice, with the same attributes (RFC 8216 section 6.2.4)."""
    lines = "".join(
        f'#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=160x90,CODECS="avc1.64000b,mp4a.40.2"\n'
        f"{name}/media.m3u8\n"
        for name in ("first", "ts")
    )

    def change(site: HlsSite) -> None:
        site.files[_MASTER] = f"#EXTM3U\n{lines}".encode()
        site.files |= {
            path.replace("ts/", "first/", 1): data
            for path, data in site.files.items()
            if path.startswith("ts/")
        }
        for one in changes:
            one(site)

    return change


def redundant_sound(*changes: Change) -> Change:
    """Offer sound of its own twice."""
    lines = "".join(
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{name}",NAME="Deutsch",URI="{name}/media.m3u8"\n'
        f'#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=160x90,AUDIO="{name}"\n'
        f"picture/media.m3u8?{name}\n"
        for name in ("first", "sound")
    )

    def change(site: HlsSite) -> None:
        site.files[_MASTER] = f"#EXTM3U\n{lines}".encode()
        sound = {path: data for path, data in site.files.items() if path.startswith("sound/")}
        site.files |= {path.replace("sound/", "first/", 1): d for path, d in sound.items()}
        for one in changes:
            one(site)

    return change


def twice(*changes: Change) -> Row:
    """Fetch a film with a redundant playlist."""
    return Row(row="F15", fault=redundant(*changes), path=_MASTER)


def all_of(folder: str, fault: Fault) -> Change:
    """Let every segment of a folder misbehave."""

    def change(site: HlsSite) -> None:
        for path in list(site.files):
            if path.startswith(f"{folder}/") and not path.endswith(".m3u8"):
                site.faults[path] = fault

    return change


def careless(*changes: tuple[str, str]) -> Row:
    """Change what the list is written like, and expect the film all the same."""
    return Row(row="F15", fault=edited(*changes))


def inline(number: int) -> Change:
    """Put a segment into the list itself."""

    def change(site: HlsSite) -> None:
        name = f"media-{number:03d}.ts"
        held = base64.b64encode(made()[f"ts/{name}"]).decode()
        edited((name, f"data:video/mp2t;base64,{held}"))(site)

    return change


ROWS: dict[str, Row] = {
    # Redundant variants
    "list-of-the-first-is-gone": twice(answers("first/media.m3u8", status(404))),
    "list-of-the-first-is-refused": twice(answers("first/media.m3u8", status(403))),
    "list-of-the-first-fails": twice(answers("first/media.m3u8", status(500))),
    "list-of-the-first-is-silent": twice(answers("first/media.m3u8", silent_after(0))),
    "segment-of-the-first-is-gone": twice(answers(_SEGMENT, status(404))),
    "segment-of-the-first-is-refused": twice(answers(_SEGMENT, status(403))),
    "segment-of-the-first-fails": twice(answers(_SEGMENT, status(503))),
    "segment-of-the-first-is-silent": twice(answers(_SEGMENT, silent_after(0))),
    "segments-of-the-first-are-gone": twice(all_of("first", status(404))),
    "first-has-a-gap": twice(
        lambda site: site.edit(
            "first/media.m3u8",
            ("#EXTINF:1.000000,\nmedia-003", "#EXT-X-GAP\n#EXTINF:1.0,\nmedia-003"),
        )
    ),
    "both-are-gone": Row(
        row="F15",
        fault=redundant(answers(_SEGMENT, status(404)), answers("ts/media-002.ts", status(404))),
        path=_MASTER,
        error=SourceGoneError,
    ),
    "both-are-refused": Row(
        row="F13",
        fault=redundant(answers(_SEGMENT, status(403)), answers("ts/media-002.ts", status(403))),
        path=_MASTER,
        error=LinkRefusedError,
    ),
    "sound-list-of-the-first-is-gone": Row(
        row="F15",
        fault=redundant_sound(answers("first/media.m3u8", status(404))),
        path=_MASTER,
        film="picture+sound",
    ),
    "sound-of-the-first-is-gone": Row(
        row="F15",
        fault=redundant_sound(all_of("first", status(404))),
        path=_MASTER,
        film="picture+sound",
    ),
    # What only one of several lists says, or only its end
    "sound-is-protected": Row(
        row="T5",
        fault=together(
            apart(), edited(("#EXTINF", _WIDEVINE + "#EXTINF"), path="sound/media.m3u8")
        ),
        path=_MASTER,
        error=ProtectedError,
    ),
    "last-segment-is-protected": Row(
        row="T5",
        fault=edited(("#EXTINF:1.000000,\nmedia-005", _WIDEVINE + "#EXTINF:1.0,\nmedia-005")),
        error=ProtectedError,
    ),
    "sound-is-live": Row(
        row="F15",
        fault=together(
            apart(),
            edited(
                ("#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
                ("#EXT-X-ENDLIST", ""),
                path="sound/media.m3u8",
            ),
        ),
        path=_MASTER,
        error=UnsupportedSourceError,
    ),
    # Lists that players read
    "list-without-its-first-line": careless(("#EXTM3U\n", "")),
    "list-in-small-letters": careless(("#EXTM3U", "#extm3u"), ("#EXTINF", "#extinf")),
    "list-behind-blank-lines": careless(("#EXTM3U\n", "\ufeff\r\n\r\n#EXTM3U\r\n")),
    "list-with-a-broken-sequence": careless(("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-MEDIA-SEQUENCE:x")),
    "list-counts-from-below-zero": careless(
        ("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-MEDIA-SEQUENCE:-5")
    ),
    "list-without-a-target-duration": careless(("#EXT-X-TARGETDURATION:1\n", "")),
    "list-with-every-tag-twice": careless(
        ("#EXT-X-TARGETDURATION:1\n", "#EXT-X-TARGETDURATION:1\n#EXT-X-TARGETDURATION:9\n"),
        ("#EXT-X-ENDLIST", "#EXT-X-ENDLIST\n#EXT-X-ENDLIST"),
    ),
    "list-without-its-end": careless(("#EXT-X-ENDLIST", "")),
    "list-of-whole-seconds": careless(("1.000000", "1")),
    "list-with-oddly-quoted-keys": Row(
        row="F15", fault=together(encrypted(), edited(('URI="k.bin"', "URI = 'k.bin' ")))
    ),
    "segment-in-the-list": Row(row="F15", fault=inline(3)),
    "encrypted-segment-in-the-list": Row(
        row="F15",
        fault=together(
            encrypted(),
            holds(
                "ts/media.m3u8",
                lambda site: site.files["ts/media.m3u8"].replace(
                    b"media-004.ts",
                    b"data:;base64," + base64.b64encode(site.files["ts/media-004.ts"]),
                ),
            ),
        ),
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
