"""Subtitle files as WebVTT."""

import pytest

from aniworld_http.rendering import to_webvtt

SRT = "1\n00:00:01,000 --> 00:00:02,500\nOne\n\n2\n00:01:00,000 --> 00:01:01,000\nTwo\nlines\n"
CUES = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nOne\n\n00:01:00.000 --> 00:01:01.000\nTwo\nlines\n"
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:01:00.00,0:01:01.00,Default,,0,0,0,,{\\i1}Two{\\i0}\\Nlines
Comment: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,One
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.de.srt", SRT.encode()),
        ("a.SRT", SRT.replace("\n", "\r\n").encode("utf-8-sig")),
        ("a.srt", SRT.encode("utf-16")),
        ("a.ass", ASS.encode()),
        ("a.vtt", CUES.encode("utf-8-sig")),
    ],
)
def test_text_subtitles_become_webvtt(name: str, content: bytes) -> None:
    """Cues are in the order of their times; comments, drawings and styles are left out."""
    assert to_webvtt(name, content) == CUES


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<i>a</i> <font color='red'>b</font>", "a b"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("--> 00:00", "--&gt; 00:00"),
        ("na\xefve", "na\xefve"),
    ],
)
def test_markup_and_arrows_cannot_leave_their_cue(said: str, shown: str) -> None:
    """Tags are dropped, and characters with a meaning in WebVTT are escaped."""
    for content in (said.encode(), said.encode("cp1252")):
        text = to_webvtt("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + content + b"\n")
        assert text == f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{shown}\n"


@pytest.mark.parametrize("name", ["a.srt", "a.ass", "a.vtt", "a.ssa"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe\x80" * 100,
        b"00:00:01,000 --> 00:00:02,000\n" + b"{" * 300_000,
        b"00:00:01,000 --> 00:00:02,000\n" + b"<a" * 200_000,
        b"00:00:01,000 --> 00:00:02,000\n" + b"\n" * 300_000 + b"x",
        b"[Events]\nDialogue: " + b"{\\p1" * 80_000,
        b"99:99:99,999 --> 00:00:00,000\nx\n" * 3_000,
    ],
    ids=["empty", "bytes", "braces", "tags", "lines", "drawing", "times"],
)
def test_no_subtitle_is_no_cue_and_takes_no_quadratic_time(name: str, content: bytes) -> None:
    """Megabytes of openings without an end are converted at once."""
    text = to_webvtt(name, content)

    assert text.startswith("WEBVTT\n")
    assert len(text) < 100_000
