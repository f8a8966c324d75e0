"""Load manifests, and parse them in a worker thread with a deadline."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from aniworld_core.domain.media import Stream
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    NeedsPersonError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.media.probe.sniff import SNIFF_BYTES, impostor_of
from aniworld_providers.network import Backoff, is_bot_check
from aniworld_providers.transfer.links import require_kind
from aniworld_providers.transfer.manifests.part_errors import link_file, naming_part
from aniworld_providers.transfer.manifests.playlists import MAX_PLAYLIST_BYTES
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

#: Seconds after which parsing is given up. Parsing is linear, and the largest manifest takes about
#: a second; the rest allows for a busy machine.
DEADLINE: Final = 30.0
#: Kinds of content that `impostor_of` names and that may be a manifest.
_MAYBE_PLAYLIST: Final = frozenset({"content_playlist", "content_text", "content_xml"})

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


async def read_off_loop(
    reader: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result:
    """Call a parser in a worker thread.

    Raises:
        BadPlaylistError: If it takes longer than the deadline.
        What the parser raises.
    """
    call = partial(reader, *args, **kwargs)
    try:
        with anyio.fail_after(DEADLINE):
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
    except TimeoutError as error:
        raise BadPlaylistError(Message("parsing_too_slow", limit_seconds=DEADLINE)) from error


async def load_text(
    client: "ByteClient",
    stream: Stream,
    url: str,
    clock: Clock,
    retries: RetryPolicy = TRANSFER_RETRIES,
) -> tuple[str, str]:
    """Load a manifest; return its text and its URL after redirects.

    Args:
        client: Sends the request.
        stream: The stream of the manifest.
        url: Its URL.
        clock: Clock for waits between attempts.
        retries: Retry policy of the request.

    Raises:
        OtherKindError: If the link of the stream leads to a media file or another manifest.
        BadPlaylistError: If it is too large, a web page or not a text.
        NeedsPersonError: If it is a bot check.
        What `ByteClient.open` raises.
    """
    if url == stream.url:
        return await _loaded_text(client, stream, url, clock, retries)
    with naming_part(lambda: Message("playlist_file", file=link_file(url))):
        return await _loaded_text(client, stream, url, clock, retries)


async def _loaded_text(
    client: "ByteClient", stream: Stream, url: str, clock: Clock, retries: RetryPolicy
) -> tuple[str, str]:
    backoff = Backoff(clock, retries)
    while True:
        try:
            body = await client.read_all(url, headers=stream.headers, max_bytes=MAX_PLAYLIST_BYTES)
            break
        except FetchInterruptedError as error:
            await backoff.wait_after(error)
        except BadMediaError as error:
            if url == stream.url:
                require_kind(await _first_bytes(client, stream), stream.kind)
            raise BadPlaylistError(error.reason) from error
    data = bytes(body.data)
    if url == stream.url:
        require_kind(data[:SNIFF_BYTES], stream.kind)
    is_playlist = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"#EXT")
    if is_bot_check(data) and not is_playlist:
        raise NeedsPersonError(stream.hoster or Message("the_server"), url, Message("bot_check"))
    impostor = impostor_of(data[:4096])
    if impostor is not None and impostor.kind not in _MAYBE_PLAYLIST:
        raise BadPlaylistError(Message("no_playlist_but", what=impostor))
    return data.decode("utf-8", "replace"), body.url


async def _first_bytes(client: "ByteClient", stream: Stream) -> bytes:
    """Return the first bytes behind the link of a stream; empty if they cannot be fetched."""
    try:
        body = await client.read_all(
            stream.url,
            headers=stream.headers,
            max_bytes=SNIFF_BYTES,
            span=(0, SNIFF_BYTES - 1),
        )
    except AniworldError:
        return b""
    return bytes(body.data)
