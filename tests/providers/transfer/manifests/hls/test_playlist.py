"""HLS playlists: every case is read rightly or refused with one typed error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, Quality
from aniworld_core.errors import AniworldError, BadPlaylistError, UnsupportedSourceError
from aniworld_providers.transfer.manifests.hls.choice import (
    chosen_audio,
    ranked_variants,
    rendition_language,
)
from aniworld_providers.transfer.manifests.hls.playlist import parse_playlist
from aniworld_providers.transfer.manifests.playlists import (
    MAX_SEGMENTS,
    ByteRange,
    MasterPlaylist,
    MediaPlaylist,
    Rendition,
)

URL = "https://cdn.example/shows/one/list.m3u8?token=abc"


def media(*lines: str, end: bool = True) -> MediaPlaylist:
    """Parse the lines of a media playlist."""
    text = "\n".join(["#EXTM3U", *lines, *(["#EXT-X-ENDLIST"] if end else [])])
    playlist = parse_playlist(text, URL)
    assert isinstance(playlist, MediaPlaylist)
    return playlist


def master(*lines: str) -> MasterPlaylist:
    """Parse the lines of a master playlist."""
    playlist = parse_playlist("\n".join(["#EXTM3U", *lines]), URL)
    assert isinstance(playlist, MasterPlaylist)
    return playlist


# --- 1, 2: which sort, which variant -------------------------------------------------------


def test_content_decides_of_which_sort_it_is() -> None:
    """A playlist with variants is a master, one with segments is not, whatever its name."""
    assert master("#EXT-X-STREAM-INF:BANDWIDTH=1", "a.txt").variants
    assert media("#EXTINF:1,", "a.m3u8").segments


def test_variants_may_lack_everything() -> None:
    """Bandwidth, resolution and codecs are all optional; average bandwidth stands in."""
    found = master(
        "#EXT-X-STREAM-INF:",
        "a.m3u8",
        "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=77",
        "b.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=x,RESOLUTION=big",
        "c.m3u8",
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=i.m3u8",
    )

    assert [(v.bandwidth, v.height) for v in found.variants] == [(0, 0), (77, 0), (0, 0)]


LADDER = [
    '#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=640x360,CODECS="avc1.4d,mp4a.40.2"',
    "360.m3u8",
    "#EXT-X-STREAM-INF:BANDWIDTH=5000,RESOLUTION=1920x1080",
    "1080.m3u8",
    "#EXT-X-STREAM-INF:BANDWIDTH=2000,RESOLUTION=1280x720",
    "720.m3u8",
    "#EXT-X-STREAM-INF:BANDWIDTH=2500,RESOLUTION=1280x720",
    "720b.m3u8",
    '#EXT-X-STREAM-INF:BANDWIDTH=64,CODECS="mp4a.40.2"',
    "sound.m3u8",
]


@pytest.mark.parametrize(
    ("quality", "names"),
    [
        (Quality.BEST, ["1080", "720b", "720", "360"]),
        (Quality.P720, ["720b", "720", "360", "1080"]),
        (Quality.P480, ["360", "720", "720b", "1080"]),
        (Quality.WORST, ["360", "720", "720b", "1080"]),
    ],
)
def test_the_tallest_within_the_limit_comes_first(quality: Quality, names: list[str]) -> None:
    """Then its equals by bandwidth, as fallbacks; sound alone is no picture."""
    ranked = ranked_variants(master(*LADDER), quality)

    assert [v.url.rpartition("/")[2].removesuffix(".m3u8") for v in ranked] == names


def test_unknown_heights_are_judged_by_bandwidth() -> None:
    """Without any resolution the highest bandwidth is best."""
    found = master("#EXT-X-STREAM-INF:BANDWIDTH=1", "a", "#EXT-X-STREAM-INF:BANDWIDTH=3", "b")

    assert ranked_variants(found, Quality.P480)[0].url.endswith("/b")


def test_a_master_of_sounds_alone_has_no_picture() -> None:
    """Renditions without any variant are refused."""
    with pytest.raises(BadPlaylistError, match="no video"):
        master('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="a.m3u8"')


# --- 3: links ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("seg.ts", "https://cdn.example/shows/one/seg.ts"),
        ("../seg.ts", "https://cdn.example/shows/seg.ts"),
        ("/seg.ts", "https://cdn.example/seg.ts"),
        ("//other.example/seg.ts", "https://other.example/seg.ts"),
        ("http://other.example/seg.ts", "http://other.example/seg.ts"),
        ("?part=2", "https://cdn.example/shows/one/list.m3u8?part=2"),
        ("folge eins ü.ts", "https://cdn.example/shows/one/folge eins ü.ts"),
    ],
)
def test_links_start_at_the_final_address(reference: str, expected: str) -> None:
    """Relative links of all kinds; the token of the list itself is not inherited."""
    assert media("#EXTINF:1,", reference).segments[0].piece.url == expected


@pytest.mark.parametrize(
    "reference",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "concat:a.ts|/etc/passwd",
        "ftp://x/y",
        "http://",
        "http://[::1",
        "crypto+file:///x",
    ],
)
def test_only_web_addresses_are_followed(reference: str) -> None:
    """A segment, a section, a key or a variant pointing anywhere else refuses the list."""
    quoted = f'"{reference}"'
    lists = [
        ["#EXTINF:1,", reference],
        [f"#EXT-X-MAP:URI={quoted}", "#EXTINF:1,", "a.mp4"],
        ["#EXT-X-STREAM-INF:BANDWIDTH=1", reference],
        [f"#EXT-X-KEY:METHOD=AES-128,URI={quoted}", "#EXTINF:1,", "a.ts"],
    ]
    for lines in lists:
        with pytest.raises(BadPlaylistError):
            parse_playlist("\n".join(["#EXTM3U", *lines, "#EXT-X-ENDLIST"]), URL)


# --- 4: alternate audio --------------------------------------------------------------------


def sounds(*entries: str) -> MasterPlaylist:
    """A master with one variant and these audio renditions."""
    lines = [f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",{entry}' for entry in entries]
    return master(*lines, '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"', "v.m3u8")


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("de", "", "deu"),
        ("deu", "", "deu"),
        ("ger", "", "deu"),
        ("de-DE", "x", "deu"),
        (None, "Deutsch", "deu"),
        (None, "German (5.1)", "deu"),
        (None, "Japanisch", "jpn"),
        ("und", "English", "eng"),
        (None, "Original", None),
        (None, "ja", "jpn"),
    ],
)
def test_languages_are_read_from_tags_and_names(
    language: str | None, name: str, expected: str | None
) -> None:
    """Tags in all their forms, or else the words that sites use."""
    rendition = Rendition(group="a", url=None, name=name, language=language)
    assert rendition_language(rendition) == expected


def test_wanted_languages_are_taken_in_order() -> None:
    """The first wanted language comes first; without a match the default is used."""
    found = sounds(
        'NAME="Original",LANGUAGE="ja",DEFAULT=YES,URI="ja.m3u8"',
        'NAME="Deutsch, neu",URI="de.m3u8"',
    )
    variant = found.variants[0]

    german_first = chosen_audio(found, variant, [GER_DUB, GER_SUB])
    assert [rendition_language(r) for r in german_first] == ["deu", "jpn"]
    assert [r.name for r in chosen_audio(found, variant, [ENG_DUB])] == ["Original"]


def test_a_rendition_without_a_link_is_in_the_variant() -> None:
    """It has no playlist of its own."""
    found = sounds('NAME="de",LANGUAGE="de",DEFAULT=YES')
    assert chosen_audio(found, found.variants[0], [])[0].url is None


# --- 6, 7: variables and odd text ----------------------------------------------------------


def test_variables_come_from_values_the_query_and_the_master() -> None:
    """`EXT-X-DEFINE` in its three forms, in links and in tags."""
    text = "\n".join(
        [
            "#EXTM3U",
            '#EXT-X-DEFINE:NAME="dir",VALUE="deep/er"',
            '#EXT-X-DEFINE:QUERYPARAM="token"',
            '#EXT-X-DEFINE:IMPORT="host"',
            '#EXT-X-KEY:METHOD=AES-128,URI="https://{$host}/k?{$token}"',
            "#EXTINF:1,",
            "{$dir}/a.ts",
            "#EXT-X-ENDLIST",
        ]
    )
    found = parse_playlist(text, URL, {"host": "keys.example"})
    assert isinstance(found, MediaPlaylist)

    piece = found.segments[0].piece
    assert piece.url == "https://cdn.example/shows/one/deep/er/a.ts"
    assert piece.key is not None
    assert piece.key.url == "https://keys.example/k?abc"


@pytest.mark.parametrize(
    "definition",
    ['IMPORT="none"', 'QUERYPARAM="none"', 'NAME="x",VALUE="y"'],
)
def test_unknown_variables_refuse_the_list(definition: str) -> None:
    """A link that cannot be completed is no link."""
    with pytest.raises(BadPlaylistError, match=r"variable|parameter"):
        media(f"#EXT-X-DEFINE:{definition}", "#EXTINF:1,", "{$none}.ts")


def test_variables_cannot_unfold_without_end() -> None:
    """A text that grows by its variables is stopped at the size limit."""
    big = "x" * 100_000
    lines = ["#EXTINF:1,", "{$a}{$a}{$a}{$a}{$a}"] * 20
    with pytest.raises(BadPlaylistError, match="4 MiB"):
        media(f'#EXT-X-DEFINE:NAME="a",VALUE="{big}"', *lines)


def test_odd_text_is_read() -> None:
    """Byte-order mark, CRLF, blank lines, unknown tags, comments, no final line break."""
    text = (
        "\ufeff#EXTM3U\r\n\r\n#EXT-X-VERSION:3 \r\n# a comment\r\n#EXT-X-FANCY:{...}\r\n"
        "#EXT-X-DATERANGE:ID=broken,START-DATE=never\r\n#EXT-OATCLS-SCTE35:/DA\r\n"
        "#EXT-X-CUE-OUT:x\r\n#EXT-X-START:TIME-OFFSET=z\r\n#EXT-X-PART:DURATION=q,URI=\r\n"
        "#EXT-X-PROGRAM-DATE-TIME:yesterday\r\n#EXT-X-SESSION-DATA:1\r\n"
        "#EXTINF:2.5 ,Ein Titel, mit Komma\r\n  a.ts  \r\n#EXT-X-ENDLIST"
    )
    found = parse_playlist(text, URL)

    assert isinstance(found, MediaPlaylist)
    assert found.duration == 2.5
    assert found.is_complete


# --- 8 to 11: segments, sections, ranges, keys ---------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("10", 10.0), ("9.5,", 9.5), ("4,a, b", 4.0), ("", 0.0), ("x,", 0.0), ("-3,", 0.0)],
)
def test_durations_are_read_tolerantly(written: str, seconds: float) -> None:
    """Integers, floats, no comma, nothing; a broken one counts as unknown."""
    assert media(f"#EXTINF:{written}", "a.ts").duration == seconds


def test_sections_begin_groups() -> None:
    """A changed section is a new group, the same one named again is not."""
    found = media(
        '#EXT-X-MAP:URI="i.mp4",BYTERANGE="60@5"',
        "#EXTINF:1,",
        "a.m4s",
        '#EXT-X-MAP:URI="i.mp4",BYTERANGE="60@5"',
        "#EXTINF:1,",
        "b.m4s",
        '#EXT-X-MAP:URI="j.mp4"',
        "#EXTINF:1,",
        "c.m4s",
        "#EXT-X-DISCONTINUITY",
        "#EXTINF:1,",
        "d.m4s",
    )

    assert [s.group for s in found.segments] == [0, 0, 1, 2]
    first = found.segments[0].init
    assert first is not None
    assert first.part == ByteRange(5, 60)


def test_an_encrypted_section_has_the_key_at_its_place() -> None:
    """A key named after the section does not hold for it."""
    found = media(
        '#EXT-X-KEY:METHOD=AES-128,URI="k1",IV=0x01',
        '#EXT-X-MAP:URI="i.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="k2",IV=0x02',
        "#EXTINF:1,",
        "a.m4s",
    ).segments[0]

    assert found.init is not None
    assert found.init.key is not None
    assert found.init.key.url.endswith("/k1")
    assert found.piece.key is not None
    assert found.piece.key.url.endswith("/k2")


def test_an_omitted_offset_follows_the_range_before() -> None:
    """Of the same resource only."""
    found = media(
        "#EXT-X-BYTERANGE:100@50",
        "#EXTINF:1,",
        "a.ts",
        "#EXTINF:1,",
        "#EXT-X-BYTERANGE:30",
        "a.ts",
    )

    assert [s.piece.part for s in found.segments] == [ByteRange(50, 100), ByteRange(150, 30)]
    with pytest.raises(BadPlaylistError, match="no offset"):
        media("#EXT-X-BYTERANGE:9@0", "#EXTINF:1,", "a", "#EXTINF:1,", "#EXT-X-BYTERANGE:9", "b")


@pytest.mark.parametrize("raw", ["x", "-1@0", "1@-1", "0@0", "9" * 30, "5@", "1@2@3", "٣@0"])
def test_broken_ranges_refuse_the_list(raw: str) -> None:
    """A range that makes no sense cannot be guessed."""
    with pytest.raises(BadPlaylistError, match="byte range"):
        media("#EXTINF:1,", f"#EXT-X-BYTERANGE:{raw}", "a.ts")


def test_keys_rotate_and_end() -> None:
    """Each segment has the key in force at its place, with its own vector."""
    found = media(
        "#EXT-X-MEDIA-SEQUENCE:258",
        '#EXT-X-KEY:METHOD=AES-128,URI="k1"',
        "#EXTINF:1,",
        "a.ts",
        "#EXTINF:1,",
        "b.ts",
        '#EXT-X-KEY:METHOD=AES-128,URI="k1", IV=0XfF',
        "#EXTINF:1,",
        "c.ts",
        "#EXT-X-KEY:METHOD=NONE",
        "#EXTINF:1,",
        "d.ts",
    )
    keys = [segment.piece.key for segment in found.segments]

    assert [key.iv.hex().lstrip("0") if key else None for key in keys] == ["102", "103", "ff", None]
    assert [segment.sequence for segment in found.segments] == [258, 259, 260, 261]


def test_the_vector_counts_skipped_segments() -> None:
    """A gap has a sequence number of its own."""
    found = media(
        '#EXT-X-KEY:METHOD=AES-128,URI="k"',
        "#EXTINF:1,",
        "#EXT-X-GAP",
        "a.ts",
        "#EXTINF:1,",
        "b.ts",
    )

    assert found.gaps == 1
    assert found.segments[0].piece.key is not None
    assert found.segments[0].piece.key.iv[-1] == 1


@pytest.mark.parametrize("iv", ["0xZZ", "0x" + "1" * 33, "-5"])
def test_broken_vectors_refuse_the_list(iv: str) -> None:
    """A vector that makes no sense cannot be guessed."""
    with pytest.raises(BadPlaylistError, match="vector"):
        media(f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV={iv}', "#EXTINF:1,", "a.ts")


@pytest.mark.parametrize(
    "attributes",
    [
        'METHOD=SAMPLE-AES,URI="k"',
        'METHOD=SAMPLE-AES-CTR,URI="k",KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"',
        'METHOD=AES-256,URI="k"',
        'METHOD=AES-128,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
        'URI="k"',
    ],
)
def test_protection_is_named(attributes: str) -> None:
    """Anything but a plain AES-128 key is protection and never tried."""
    assert media(f"#EXT-X-KEY:{attributes}", "#EXTINF:1,", "a.ts").protection


def test_a_plain_key_among_others_is_used() -> None:
    """One key offered in several formats is the same key."""
    found = media(
        '#EXT-X-KEY:METHOD=AES-128,URI="k"',
        '#EXT-X-KEY:METHOD=AES-128,URI="urn:x",KEYFORMAT="com.microsoft.playready"',
        "#EXTINF:1,",
        "a.ts",
    )

    assert found.protection is None
    assert found.segments[0].piece.key is not None


# --- 13 to 19: groups, ends, limits --------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "is_complete", "is_event"),
    [
        (["#EXT-X-PLAYLIST-TYPE:VOD"], True, False),
        (["#EXT-X-PLAYLIST-TYPE:EVENT"], False, True),
        ([], False, False),
        (["#EXT-X-ENDLIST"], True, False),
    ],
)
def test_an_end_may_stand_anywhere(lines: list[str], is_complete: bool, is_event: bool) -> None:
    """An end at the top counts for the whole list, and so does VOD."""
    found = media(*lines, "#EXTINF:1,", "a.ts", end=False)

    assert (found.is_complete, found.is_event) == (is_complete, is_event)


def test_stray_lines_are_passed_over() -> None:
    """A second header, a link without a duration, a duration without a link."""
    found = media("#EXTINF:1,", "a.ts", "#EXTM3U", "stray.ts", "#EXTINF:2,", "b.ts", "#EXTINF:3,")

    assert [s.duration for s in found.segments] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("raw", "used"), [("-1", 0), ("x", 0), ("", 0), ("9" * 25, 0), ("1.5", 1), ("7 # seven", 7)]
)
def test_a_broken_sequence_is_noted(raw: str, used: int) -> None:
    """Players count from the number they can read, or else from 0."""
    found = media(f"#EXT-X-MEDIA-SEQUENCE:{raw}", "#EXTINF:1,", "a.ts")

    assert found.segments[0].sequence == used
    assert found.notes == (f"its media sequence is {raw!r}; {used} is used instead",)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("#EXTINF:1,\na.ts\n#EXT-X-ENDLIST", "the playlist does not begin with #EXTM3U"),
        ("\n\n  #EXT-X-VERSION:3\n#EXTINF:1,\na.ts", "the playlist does not begin with #EXTM3U"),
        ("# made by hand\n#EXTM3U\n#EXTINF:1,\na.ts", "the playlist does not begin with #EXTM3U"),
        ("\ufeff\r\n\r\n#EXTM3U\r\n#EXTINF:1,\r\na.ts", None),
        ("#extm3u\n#extinf:1,\na.ts\n#ext-x-endlist", None),
        (" #EXTM3U url-tvg=x\n #EXTINF:1,\n a.ts", None),
        ("#EXTM3U\r#EXTINF:1,\ra.ts", None),
    ],
)
def test_a_playlist_is_known_by_any_of_its_tags(text: str, note: str | None) -> None:
    """A missing first line is a note; other line ends, case and blank lines are not."""
    found = parse_playlist(text, URL)

    assert isinstance(found, MediaPlaylist)
    assert [s.duration for s in found.segments] == [1.0]
    assert found.notes == (() if note is None else (note,))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('URI="k",IV=0x1', "k"),
        ('URI = "k" , IV=0x1', "k"),
        ("URI=k,IV=0x1", "k"),
        ("URI='k',IV=0x1", "k"),
        ("IV=0x1, URI=\u201ck\u201d", "k"),
        ('URI="k;a=b,c=d",IV=0x1', "k;a=b,c=d"),
        ('uri="k",iv=0X1', "k"),
        ('URI="k', "k"),
        ('junk,URI="k"junk,IV=0x1', "k"),
    ],
)
def test_attributes_are_read_however_they_are_quoted(written: str, value: str) -> None:
    """Spaces, missing or other quotes, commas in quotes, and other text between attributes."""
    key = media(f"#EXT-X-KEY:METHOD=AES-128,{written}", "#EXTINF:1,", "a.ts").segments[0].piece.key

    assert key is not None
    assert key.url == f"https://cdn.example/shows/one/{value}"


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "a.ts\nb.ts", "#EXTM3U", "#EXTM3U\n#EXT-X-ENDLIST", "\x00\x01", "#EXT"],
)
def test_what_is_no_playlist_is_refused(text: str) -> None:
    """Empty, headless or another kind of document."""
    with pytest.raises(BadPlaylistError):
        parse_playlist(text, URL)


def test_pictures_alone_are_refused() -> None:
    """A list of key frames is no film."""
    with pytest.raises(UnsupportedSourceError, match="still pictures"):
        media("#EXT-X-I-FRAMES-ONLY", "#EXTINF:1,", "a.ts")


def test_a_difference_to_an_earlier_list_is_refused() -> None:
    """Playlist updates are never requested."""
    with pytest.raises(BadPlaylistError, match="EXT-X-SKIP"):
        media("#EXT-X-SKIP:SKIPPED-SEGMENTS=3", "#EXTINF:1,", "a.ts")


def test_too_many_segments_are_refused() -> None:
    """A hundred thousand segments are no episode."""
    text = "#EXTM3U\n" + "#EXTINF:1,\na.ts\n" * (MAX_SEGMENTS + 1)
    with pytest.raises(BadPlaylistError, match="20000 segments"):
        parse_playlist(text, URL)


_WORDS = st.sampled_from(
    [
        *("#EXTM3U", "#EXTINF:", "#EXTINF:4,", "a.ts", "#EXT-X-KEY:", "METHOD=AES-128", "URI="),
        *('URI="k"', "IV=0x1", "#EXT-X-BYTERANGE:", "5@1", "#EXT-X-MAP:", "#EXT-X-ENDLIST", "{$a}"),
        *("#EXT-X-STREAM-INF:", "BANDWIDTH=", "RESOLUTION=1x", "#EXT-X-MEDIA:TYPE=AUDIO", '"', ","),
        *("#EXT-X-DEFINE:NAME=a,VALUE=b", "\n", "\n", "\n", "=", "-1", "\u0660", "http://[", " "),
    ]
)


@given(st.lists(_WORDS | st.text(max_size=3), max_size=30))
def test_any_text_is_read_or_refused(words: list[str]) -> None:
    """No text makes anything but a playlist or one of our errors."""
    try:
        found = parse_playlist("#EXTM3U\n" + "".join(words), URL)
    except AniworldError as error:
        assert isinstance(error, BadPlaylistError | UnsupportedSourceError)  # noqa: PT017
    else:
        assert isinstance(found, MediaPlaylist | MasterPlaylist)
