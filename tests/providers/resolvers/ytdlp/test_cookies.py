"""Cookies from the owner's file."""

import os
from pathlib import Path

import pytest

from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import AniworldError, NeedsPersonError
from aniworld_providers.resolvers.ytdlp import YtDlpResolver
from aniworld_providers.ytdlp import HostPace, Job, YtDlpSettings, read_cookies
from support.adapter_context import JumpingClock
from support.sites.page_server import Answer, open_page_server
from support.ytdlp_here import run_here

pytestmark = pytest.mark.anyio

HEADER = "# Netscape HTTP Cookie File\n"
SOURCE = MediaSource(provider="ytdlp", hoster="a.example", url="https://a.example/watch")


def _written(path: Path, text: str | bytes, mode: int = 0o600) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return str(path)


async def test_only_a_private_cookie_file_is_read(tmp_path: Path) -> None:
    """Other users must not be able to read it, and its text is not part of any message."""
    path = tmp_path / "cookies.txt"
    secret = f"{HEADER}a.example\tFALSE\t/\tTRUE\t0\tsession\thush\n"
    assert await read_cookies("", SOURCE) == ""
    assert await read_cookies(_written(path, secret), SOURCE) == secret
    for mode in (0o640, 0o604, 0o620, 0o666):
        with pytest.raises(NeedsPersonError, match="set its mode to 0600"):
            await read_cookies(_written(path, secret, mode), SOURCE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Netscape"),
        ("session=hush", "Netscape"),
        (b"# Netscape HTTP Cookie File\n\xff", "UTF-8"),
        ("# Netscape HTTP Cookie File\n" + "x" * 1024**2, "larger"),
        (None, "No such file"),
    ],
)
async def test_another_file_is_refused(
    tmp_path: Path, content: str | bytes | None, reason: str
) -> None:
    """The error names the setting and the reason, never the content."""
    path = tmp_path / "cookies.txt"
    if content is not None:
        _written(path, content)
    with pytest.raises(NeedsPersonError, match=rf"providers\.ytdlp\.cookies.*{reason}") as caught:
        await read_cookies(str(path), SOURCE)
    assert "hush" not in str(caught.value)


async def test_things_that_are_no_files_are_refused(tmp_path: Path) -> None:
    """A folder, a pipe, a relative and an impossible path are refused without waiting."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (str(tmp_path), str(tmp_path / "pipe"), "cookies.txt", "/a\0b"):
        with pytest.raises(NeedsPersonError):
            await read_cookies(path, SOURCE)


async def test_cookies_go_only_to_their_site(tmp_path: Path) -> None:
    """The page gets the cookies of its own domain; the file is not written, logs have no cookie."""
    lines = (
        HEADER,
        "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\thush\n",
        ".other.example\tTRUE\t/\tFALSE\t0\telse\tsecret\n",
    )
    file = _written(tmp_path / "cookies.txt", "".join(lines))
    with open_page_server() as server:
        server.answers["/watch"] = Answer.page("<body>nothing</body>")
        allowed = frozenset({server.address})
        settings = YtDlpSettings(cookies=file)
        clock = JumpingClock()
        resolver = YtDlpResolver(
            allowed=allowed,
            clock=clock,
            run=run_here,
            pace=HostPace(clock=clock),
            settings=settings,
        )
        source = MediaSource(provider="x", hoster="127.0.0.1", url=server.url("/watch"))
        with pytest.raises(AniworldError) as caught:
            await resolver.resolve(source)
        sent = [headers.get("cookie") for path, headers in server.hits if path == "/watch"]
    assert set(sent) == {"session=hush"}
    assert Path(file).read_text() == "".join(lines)
    assert "hush" not in str(caught.value)
    assert "hush" not in repr(resolver) + repr(
        Job(
            source=source,
            allowed=allowed,
            now=JumpingClock().now(),
            answer_within=1,
            cookies="hush",
        )
    )
