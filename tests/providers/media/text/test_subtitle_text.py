"""Subtitles as text: any input gives a clean SubRip file or one typed error."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.text.cues import LONGEST_MS, Cue, cleaned, in_order, joined
from aniworld_providers.media.text.reading import (
    TextFormat,
    clean_ass,
    format_of,
    require_text,
    text_of,
)
from aniworld_providers.media.text.subrip import read_subrip, write_subrip
from aniworld_providers.media.text.webvtt import ClockMark, read_webvtt

#: Pieces of which hostile texts are made.
_SHARDS = st.sampled_from(
    [
        *("<", ">", "</", "<b>", "</b>", "<i.loud>", "</i>", "<u>", "<v Anna>", "<c>", "</c>"),
        *("<script>", "&lt;", "&gt;", "&amp;", "--", "-->", "00:01.000", "{", "}", "\\an8", "\\p1"),
        *("\n", "\n\n", "\t", " ", "\0", "\x0b", "\u2028", "3", "Grüße", "日本"),
    ]
)
_TEXTS = st.lists(_SHARDS, max_size=30).map("".join)
_TAGS = re.compile(r"</?([a-zA-Z!?/][^<>]*)?>")


@given(_TEXTS)
@example("--{\\p1}>")
def test_cleaned_text_holds_nothing_but_allowed_and_closed_tags(raw: str) -> None:
    """No tag but b, i and u, each opened once and closed in order; no arrow, no blank line."""
    text = cleaned(raw, lambda piece: piece.replace("&lt;", "<").replace("&gt;", ">"))

    opened: list[str] = []
    for tag in re.finditer(r"<(?![\d ])[^<>]*>?", text):
        found = re.fullmatch(r"<(/?)([biu])>", tag[0])
        assert found, text
        if found[1]:
            assert opened.pop() == found[2]
        else:
            opened.append(found[2])
    assert not opened
    assert "-->" not in text
    assert all(line.strip() for line in text.split("\n")) or not text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028]", text)
    assert not re.search(r"(?<!^)\{\\", text)


@given(_TEXTS)
@example("{\\an8<b>}")
@example("--{\\p1}>")
@example("< {\\p1}\n")
@example("<3</b>>")
@example("<\x0b3>")
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    """What is clean is left alone."""
    assert cleaned(cleaned(raw)) == cleaned(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<v Anna>Hallo <i>du</i></v>", "Hallo <i>du</i>"),
        ("<b>offen", "<b>offen</b>"),
        ("<b>ver<i>schränkt</b></i>", "<b>ver<i>schränkt</i></b>"),
        ('<font color="red">rot</font>', "rot"),
        ("3 < 4 und 5 > 2", "3 < 4 und 5 > 2"),
        ("ich <3 dich", "ich <3 dich"),
        ("{\\an8}oben {\\p1}m 0 0{\\p0}", "{\\an8}oben m 0 0"),
        ("eins\n\n  zwei ", "eins\nzwei"),
    ],
)
def test_marks_that_subrip_knows_stay_and_others_go(raw: str, text: str) -> None:
    """Italics stay, voices and colours do not, and plain text is not harmed."""
    assert cleaned(raw) == text


_CUES = st.builds(
    lambda start, length, text: Cue(start, start + length, text),
    st.integers(-10_000, LONGEST_MS),
    st.integers(-100, 20_000),
    st.sampled_from(["", "a", "b", "<i></i>", "c\nd"]),
)


@given(st.lists(st.lists(_CUES, max_size=12), max_size=5))
def test_cues_come_out_in_order_and_can_be_shown(segments: list[list[Cue]]) -> None:
    """Times never decrease, every cue has a duration and a text, none is repeated."""
    found = joined(segments)

    assert [cue.start for cue in found] == sorted(cue.start for cue in found)
    assert all(0 <= cue.start < cue.end <= LONGEST_MS for cue in found)
    assert all(cue.text in {"a", "b", "c\nd"} for cue in found)
    assert len(set(found)) == len(found)


@given(
    st.lists(st.tuples(st.integers(1, 9_000), st.integers(200, 5_000)), min_size=1, max_size=20),
    st.integers(500, 20_000),
    st.booleans(),
)
def test_a_film_cut_into_segments_is_put_together_again(
    spans: list[tuple[int, int]], length: int, is_cut: bool
) -> None:
    """Cues repeated or cut in two at the borders become what they were."""
    at, film = 0, []
    for number, (gap, shown) in enumerate(spans):
        film.append(Cue(at + gap, at + gap + shown, f"text {number}"))
        at += gap + shown
    segments = []
    for start in range(0, at, length):
        inside = [cue for cue in film if cue.start < start + length and cue.end > start]
        if is_cut:
            inside = [
                Cue(max(cue.start, start), min(cue.end, start + length), cue.text) for cue in inside
            ]
        segments.append(inside)

    assert joined(segments) == film


def test_a_word_said_twice_is_not_merged() -> None:
    """Within one segment, or with a pause between, the same text is another cue."""
    first, second, third = Cue(0, 900, "Nein."), Cue(900, 1800, "Nein."), Cue(2500, 3000, "Nein.")

    assert joined([[first, second], [third]]) == [first, second, third]


@given(st.lists(_CUES, max_size=20))
def test_what_is_written_is_read_again(cues: list[Cue]) -> None:
    """SubRip holds everything that is shown."""
    found = in_order(cues)

    assert in_order(read_subrip(write_subrip(found))) == found


def test_webvtt_is_read_with_everything_around_its_cues() -> None:
    """Notes, styles, identifiers, settings and a clock mark; a broken time is passed over."""
    text = (
        "WEBVTT - title\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:01.000\n\n"
        "STYLE\n::cue { color: red }\n\nNOTE 00:01.000 --> 00:02.000\nnot this\n\n"
        "one\n00:01.000 --> 00:02.500 line:0 align:start\n<v Bo>Wie &amp; wo?\n\n"
        "01:00:00.000 --> 01:00:01.000\nSpät\n\nkaputt --> 00:02.000\nnichts\n"
    )
    found = read_webvtt(text)

    assert found.mark == ClockMark(900_000, 1000)
    assert [(c.start, c.end, c.text) for c in found.cues] == [
        (1000, 2500, "Wie & wo?"),
        (3_600_000, 3_601_000, "Spät"),
    ]


def test_untidy_subrip_is_read() -> None:
    """Points for commas, blank lines in texts, none between cues."""
    text = "1\n00:00:01.0 --> 00:00:02,5\neins\n\nmehr\n2\n0:00:03,000 --> 0:00:04,000\n42\n"

    assert [(c.start, c.end, c.text) for c in read_subrip(text)] == [
        (1000, 2500, "eins\nmehr"),
        (3000, 4000, "42"),
    ]


@pytest.mark.parametrize(
    ("charset", "language"),
    [
        *(("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-16-le", None)),
        *(("utf-16-be", None), ("utf-32", None), ("cp1252", "deu"), ("cp1252", None)),
    ],
)
def test_charsets_are_told_apart(charset: str, language: str | None) -> None:
    """Marked, unmarked and old text is decoded alike."""
    text = "1\n00:00:01,000 --> 00:00:02,000\nGrüße aus Köln\n"

    data = text.replace("\n", "\r\n").encode(charset)

    assert text_of(data, language) == text


def test_old_text_is_taken_for_what_its_language_used() -> None:
    """Cyrillic letters of the nineties are none of Western Europe."""
    assert text_of("Привет".encode("cp1251"), "rus") == "Привет"


def _read(data: bytes) -> TextFormat:
    require_text(data)
    return format_of(data, text_of(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b"<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'/>", "XML"),
        (b"\x1f\x8b\x08\x00" + bytes(50), "an archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "an image"),
        (b"\0\0\0\x18ftypmp42" + bytes(50), "media container"),
        (b"#EXTM3U\n#EXTINF:4,\na.vtt\n", "a playlist"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\na\0b\n", "not a text"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "not valid UTF-16"),
        (b"{0}{25}MicroDVD\n", "a text"),
        (bytes(range(128, 256)) * 40, "not a known subtitle format"),
    ],
)
def test_what_is_no_subtitle_is_refused_by_what_it_is(data: bytes, words: str) -> None:
    """Pages, archives, pictures, films, zeros: each refused with its name."""
    with pytest.raises(BadMediaError, match=words):
        _read(data)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Random bytes are text, or refused with the typed error."""
    try:
        kind = _read(data)
    except BadMediaError:
        return
    assert kind in TextFormat


@pytest.mark.parametrize("shard", ["<", "<a", "{", "{\\", "{\\{", "[Fonts]\n", "--", "&", "\n"])
def test_no_text_takes_long(shard: str) -> None:
    """Two million characters made to mislead are read in one go; a slow search would not end."""
    body = shard * (2_000_000 // len(shard))

    assert len(read_webvtt(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{body}\n").cues) == 1
    assert read_subrip(f"00:00:01,000 --> 00:00:02,000\n{body}\n")
    with pytest.raises(BadMediaError):
        clean_ass(f"[Script Info]\n{body}")


def test_too_many_cues_are_refused() -> None:
    """A file of nothing but times takes no memory without end."""
    with pytest.raises(BadMediaError, match="cues"):
        read_webvtt("WEBVTT\n\n" + "00:01.000 --> 00:02.000\na\n\n" * 50_001)
    with pytest.raises(BadMediaError, match="cues"):
        read_subrip("00:00:01,000 --> 00:00:02,000\na\n\n" * 50_001)


def test_an_ass_script_stays_without_what_is_attached() -> None:
    """Styles stay, embedded fonts go."""
    script = (
        "[Script Info]\nTitle: x\n\n[Fonts]\nfontname: a\nABCDEF\n\n[Events]\nDialogue: 0,x\x00\n"
    )

    assert clean_ass(script) == "[Script Info]\nTitle: x\n\n[Events]\nDialogue: 0,x\n"
