"""Formats of feeds, and what real feeds do to them."""

import json
import re
from collections.abc import Callable

import anyio
import pytest

from aniworld_core.domain.media import StreamKind
from aniworld_core.errors import ProviderChangedError
from aniworld_providers.catalogues.feed import reading
from aniworld_providers.catalogues.feed.feed import Feed, FeedItem, NotAFeedError
from aniworld_providers.catalogues.feed.reading import read_feed, read_in_process
from aniworld_providers.catalogues.feed.stored import merge_feed
from aniworld_providers.listings import Numbering
from aniworld_providers.network.pages.answers import decode_declared
from support.sites.feeds import item, rss

BASE = "https://example.org/show/feed.xml"


def places(feed: Feed) -> list[tuple[str, int, int]]:
    """Return title, season and number of the items."""
    return [(s.entry.title, s.season, s.number) for s in merge_feed((), feed, Numbering())]


def test_podcasts_number_their_items() -> None:
    """Season and episode of iTunes count; a trailer or bonus is a special."""
    feed = read_feed(
        rss(
            item(9, "<itunes:season>2</itunes:season><itunes:episode>1</itunes:episode>"),
            item(8, "<itunes:episodeType>bonus</itunes:episodeType><itunes:episode>3"
                    "</itunes:episode>"),
            item(7, "<itunes:episode>3</itunes:episode>"),
            item(6, "<itunes:episode>none</itunes:episode>"),
            more='<itunes:image href="/art.jpg"/><category>Sea</category>'
            "<description>&lt;p&gt;All &lt;b&gt;news&lt;/b&gt;&lt;/p&gt;</description>",
        ),
        BASE,
    )  # fmt: skip

    assert places(feed) == [
        ("News 6", 0, 1),
        ("News 8", 0, 2),
        ("News 7", 1, 3),
        ("News 9", 2, 1),
    ]
    assert feed.cover_url == "https://example.org/art.jpg"
    assert (feed.description, feed.genres) == ("All news", ("Sea",))


def test_media_rss_groups_are_one_episode() -> None:
    """The renditions of a group are offers of one item; pictures and torrents are none."""
    content = (
        '<media:content url="/1080.mp4" type="video/mp4" height="1080" fileSize="9"/>'
        '<media:content url="/480.webm" medium="video" height="480" lang="de"/>'
        '<media:content url="/hls" type="application/x-mpegURL"/>'
        '<media:content url="/a.jpg" medium="image"/>'
        '<media:content url="/a.torrent" type="application/x-bittorrent"/>'
    )
    feed = read_feed(
        rss(f"<item><title>A</title><media:group>{content}</media:group></item>"), BASE
    )

    (only,) = feed.items
    assert [(m.url.rpartition("/")[2], m.kind, m.height, m.language) for m in only.media] == [
        ("1080.mp4", StreamKind.DIRECT, 1080, None),
        ("480.webm", StreamKind.DIRECT, 480, "de"),
        ("hls", StreamKind.HLS, None, None),
    ]


def test_a_player_leads_to_the_page_of_the_item() -> None:
    """Feeds of video portals name a player; the page goes to the resolver."""
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
      <title>Channel</title>
      <entry><id>yt:video:1</id><title>One</title><published>2026-11-01T08:00:00+02:00</published>
        <link rel="alternate" href="https://videos.example/watch?v=1"/>
        <media:group><media:content url="https://videos.example/v/1"
          type="application/x-shockwave-flash"/></media:group></entry>
      <entry><id>2</id><title>Two</title><media:player url="https://videos.example/p/2"/></entry>
      <entry><id>3</id><title type="html">&lt;i&gt;Three&lt;/i&gt; &amp;amp; more</title>
        <link rel="enclosure" type="video/webm" href="/3.webm" length="7"/></entry>
      <entry><id>4</id><title>Text</title><link href="https://videos.example/blog"/></entry>
    </feed>"""

    feed = read_feed(atom, BASE)

    assert [(i.title, i.media[0].url, i.media[0].kind) for i in feed.items] == [
        ("One", "https://videos.example/watch?v=1", None),
        ("Two", "https://videos.example/p/2", None),
        ("Three & more", "https://example.org/3.webm", StreamKind.DIRECT),
    ]
    assert feed.items[0].published == "2026-11-01T06:00:00+00:00"


def test_json_feed() -> None:
    """Attachments are the media; fields of other types are left out."""
    feed = read_feed(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Boats",
                "icon": "/icon.png",
                "items": [
                    {
                        "id": 7,
                        "title": "A",
                        "date_published": "2026-11-02T08:00:00Z",
                        "attachments": [{"url": "a.mp4", "mime_type": "video/mp4"}],
                    },
                    {"id": "8", "title": 5, "attachments": [{"url": "/b", "mime_type": None}, 3]},
                    {"id": "9", "attachments": [{"url": "/c.mp3", "mime_type": "audio/mpeg"}]},
                    {"title": "no attachment"},
                    "no item",
                ],
            }
        ),
        BASE,
    )

    assert [(i.id, i.title, i.is_audio) for i in feed.items] == [
        ("7", "A", False),
        ("8", "", False),
        ("9", "", True),
    ]
    assert feed.items[0].media[0].url == "https://example.org/show/a.mp4"
    assert feed.cover_url == "https://example.org/icon.png"


@pytest.mark.parametrize(
    ("enclosure", "found"),
    [
        ('url="/a.mp4"', "video"),
        ('url="/a.MKV?x=1" type=""', "video"),
        ('url="/a.mp4" type="audio/mpeg"', "video"),
        ('url="/a" type="video/mp4; codecs=avc1"', "video"),
        ('url="/a"', "unknown"),
        ('url="/a" type="application/octet-stream"', "unknown"),
        ('url="/a.mp3" type="application/octet-stream"', "audio"),
        ('url="/a" type="audio/x-m4a"', "audio"),
        ('url="/a.pdf"', "nothing"),
        ('url="/a.jpg" type="image/jpeg"', "nothing"),
        ('url="/a.torrent" type="application/x-bittorrent"', "nothing"),
        ('url="file:///etc/passwd" type="video/mp4"', "nothing"),
        ('url="javascript:alert(1)" type="video/mp4"', "nothing"),
        ('url="http://u:p@example.org/a.mp4" type="video/mp4"', "nothing"),
        ('url="http://[" type="video/mp4"', "nothing"),
        ('type="video/mp4"', "nothing"),
    ],
)
def test_what_an_enclosure_is(enclosure: str, found: str) -> None:
    """Type and suffix decide together, because feeds leave out or invent types."""
    feed = read_feed(rss(f"<item><title>A</title><enclosure {enclosure}/></item>"), BASE)

    def kind(each: FeedItem) -> str:
        if each.is_audio:
            return "audio"
        return "video" if each.media[0].kind is not None else "unknown"

    assert [kind(each) for each in feed.items] == ([] if found == "nothing" else [found])


_BREAKS: dict[str, Callable[[str], str]] = {
    "entity": lambda text: text.replace("News 1", "News &nbsp; 1"),
    "ampersand": lambda text: text.replace("News 1", "News & 1"),
    "control character": lambda text: text.replace("News 1", "News \x08 1"),
    "tag": lambda text: text.replace("News 1</title>", "<b>News 1</title>"),
    "end": lambda text: text[: -len("</channel></rss>")],
    "start": lambda text: "\n\n warning: something\n" + text,
    "namespace": lambda text: re.sub('xmlns:itunes="[^"]*"', "", text),
    "mark": lambda text: "\ufeff" + text,
    "encoding": lambda text: text.replace('encoding="utf-8"', 'encoding="iso-8859-1"'),
    "prefix": lambda text: text.replace("<item>", "<item><a:b>x</a:b>"),
}


@pytest.mark.parametrize("break_it", _BREAKS.values(), ids=_BREAKS)
def test_broken_xml_is_tolerated(break_it: Callable[[str], str]) -> None:
    """Both items are found, with their media and numbers."""
    more = "<itunes:episode>{}</itunes:episode>"
    text = break_it(rss(item(2, more.format(2)), item(1, more.format(1))))

    feed = read_feed(text, BASE)

    assert [(i.number, i.media[0].url) for i in feed.items] == [
        (2, "https://example.org/files/2.mp4"),
        (1, "https://example.org/files/1.mp4"),
    ]


@pytest.mark.parametrize(
    "dates",
    [
        ("03 Nov 2026 08:00 GMT", "02 Nov 2026 08:00 GMT", "01 Nov 2026 08:00 GMT"),
        ("2026-11-03", "2026-11-02T18:00:00-05:00", "Sun, 1 Nov 2026 08:00:00 EST"),
        ("3. November", "gestern", "00/00/0000"),
        (None, None, None),
        ("03 Nov 2026 08:00 GMT", None, "01 Nov 2026 08:00 GMT"),
        (None, "02 Nov 2026 08:00 GMT", "nonsense"),
        ("01 Nov 2026 08:00 GMT",) * 3,
    ],
)
def test_items_are_numbered_oldest_first(dates: tuple[str | None, ...]) -> None:
    """By date; without usable dates, feeds list the newest item first."""
    days = zip((3, 2, 1), dates, strict=True)
    feed = read_feed(rss(*(item(n, date=date) for n, date in days)), BASE)

    assert places(feed) == [("News 1", 1, 1), ("News 2", 1, 2), ("News 3", 1, 3)]


def test_a_feed_with_the_oldest_item_first() -> None:
    """The dates decide about the direction."""
    feed = read_feed(rss(item(1), item(2), item(3, date=None)), BASE)

    assert places(feed) == [("News 1", 1, 1), ("News 2", 1, 2), ("News 3", 1, 3)]


def test_identity_of_items() -> None:
    """The same item or file twice is one episode; one guid for all items does not merge them."""

    def bare(path: str, guid: str = "") -> str:
        return f'<item>{guid}<enclosure url="{path}" type="video/mp4"/></item>'

    same = "<guid>all</guid>"
    feed = read_feed(
        rss(bare("/1.mp4?sig=a"), bare("/1.mp4?sig=a"), bare("/2.mp4", same), bare("/3.mp4", same),
            bare("/3.mp4", same), bare("/4.mp4?sig=b")),
        BASE,
    )  # fmt: skip
    again = read_feed(rss(bare("/4.mp4?sig=c")), BASE)

    assert [i.id for i in feed.items] == [
        "https://example.org/1.mp4",
        "all",
        "all https://example.org/3.mp4",
        "https://example.org/4.mp4",
    ]
    assert again.items[0].id == feed.items[3].id


@pytest.mark.parametrize("title", ["🌙🚢" * 200, "\u202eסירה" * 90, "A" * 9999, "a\tb\n c\x00"])
def test_titles_are_bounded_lines(title: str) -> None:
    """Long titles, emoji, right-to-left text and control characters."""
    feed = read_feed(rss(item(1).replace("News 1", title), title=title), BASE)

    for text in (feed.title, feed.items[0].title):
        assert 0 < len(text) <= 300
        assert text.isprintable()


@pytest.mark.parametrize(
    ("codec", "declaration", "header"),
    [
        ("utf-8", "", ""),
        ("utf-8-sig", "", "text/xml"),
        ("iso-8859-1", '<?xml version="1.0" encoding="ISO-8859-1"?>', "text/xml; charset=utf-8"),
        ("cp1252", "", "text/xml; charset=windows-1252"),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>', "application/xml"),
        ("shift_jis", "<?xml version='1.0' encoding='Shift_JIS'?>", ""),
        ("utf-8", '<?xml version="1.0" encoding="punycode"?>', "text/xml; charset=none"),
    ],
)
def test_declared_encodings(codec: str, declaration: str, header: str) -> None:
    """Byte order mark, declaration and header in this order; unknown names mean UTF-8."""
    text = f"{declaration}<rss>{'日本' if codec == 'shift_jis' else 'Ü'}</rss>"

    assert decode_declared(text.encode(codec), header) == text


@pytest.mark.anyio
async def test_a_feed_is_read_in_a_process_that_can_be_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Result and refusal come back; one line that keeps a pattern busy ends at the time limit."""
    assert await read_in_process(rss(item(1)), BASE) == read_feed(rss(item(1)), BASE)
    with pytest.raises(NotAFeedError) as refused:
        await read_in_process("<!doctype html>", BASE)
    assert getattr(refused.value.reason, "kind", "") == "feed_html_page"
    monkeypatch.setattr(reading, "READ_SECONDS", 1.0)
    started = anyio.current_time()
    with pytest.raises(ProviderChangedError):
        await read_in_process(rss(f"<item><author>{'a' * 10**6}</author></item>"), BASE)
    assert anyio.current_time() - started < 20
