"""Loads playlists until it is clear what there is to fetch."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.domain.media import Language, Quality, Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    NeedsPersonError,
    SourceGoneError,
)
from aniworld_core.ports.clock import Clock
from aniworld_providers.media.sniff import impostor_of
from aniworld_providers.network.answers import is_bot_check
from aniworld_providers.transfer.hls_choice import (
    chosen_audio,
    ranked_variants,
    rendition_language,
)
from aniworld_providers.transfer.hls_job import ChosenTrack, Selection
from aniworld_providers.transfer.hls_tags import MAX_PLAYLIST_BYTES
from aniworld_providers.transfer.part_errors import link_file, named
from aniworld_providers.transfer.playlist import (
    MasterPlaylist,
    MediaPlaylist,
    Variant,
    parse_playlist,
)
from aniworld_providers.transfer.retrying import Patient
from aniworld_providers.transfer.subtitle_renditions import listed_texts

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

#: Reloads of a list that may still grow, without any change, before it counts as abandoned.
_UNCHANGED_RELOADS: Final = 3
#: Longest time a growing list is followed, in seconds.
_LONGEST_EVENT: Final = 12 * 3600.0
#: Most variants that are tried when the better ones are missing.
_MOST_VARIANTS: Final = 6


@attrs.define(eq=False, kw_only=True)
class HlsManifest:
    """Loads the playlists of one stream.

    Attributes:
        client: Fetches them.
        stream: Where they are.
        quality: Which variant is wanted.
        languages: Which sound is wanted, in order.
        clock: Waits between attempts.
    """

    client: "ByteClient"
    stream: Stream
    quality: Quality
    languages: Sequence[Language]
    clock: Clock

    async def load(self, *, follow: bool = True) -> Selection:
        """Load what is needed to know what to fetch.

        Args:
            follow: Wait for a growing list to end; else it is given as it is.

        Raises:
            BadPlaylistError: If a playlist cannot be read.
            SourceGoneError: If one does not exist.
            What `ByteClient.open` raises.
        """
        playlist = await self._playlist(self.stream.url, {})
        if isinstance(playlist, MediaPlaylist):
            whole = await self._whole(playlist, {}, follow=follow)
            language = self.stream.language.audio if self.stream.language else None
            return Selection(tracks=(ChosenTrack(playlist=whole, language=language),))
        return await self._choose(playlist, follow=follow)

    async def _choose(self, master: MasterPlaylist, *, follow: bool) -> Selection:
        failure: AniworldError | None = None
        for variant in ranked_variants(master, self.quality)[:_MOST_VARIANTS]:
            try:
                picture = await self._media(variant.url, master, follow=follow)
            except (SourceGoneError, BadPlaylistError) as error:
                failure = failure or error
                continue
            return await self._with_sound(master, variant, picture, follow=follow)
        raise failure or BadPlaylistError("it offers no picture")

    async def _with_sound(
        self, master: MasterPlaylist, variant: Variant, picture: MediaPlaylist, *, follow: bool
    ) -> Selection:
        sounds = chosen_audio(master, variant, self.languages)
        inside = [rendition for rendition in sounds if rendition.url is None]
        own = rendition_language(inside[0]) if inside else None
        if not sounds and self.stream.language is not None:
            own = self.stream.language.audio
        tracks = [ChosenTrack(playlist=picture, has_audio=not sounds or bool(inside), language=own)]
        for rendition in sounds:
            if rendition.url is not None:
                playlist = await self._media(rendition.url, master, follow=follow)
                language = rendition_language(rendition)
                tracks.append(ChosenTrack(playlist=playlist, has_video=False, language=language))
        offered = [rendition_language(r) or "und" for r in master.audio]
        heights = {v.height for v in master.variants if v.height}
        return Selection(
            tracks=tuple(tracks),
            heights=tuple(sorted(heights, reverse=True)),
            audio_languages=tuple(dict.fromkeys(offered)),
            identity=f"{variant.height}/{variant.bandwidth}/{variant.codecs}",
            height=variant.height,
            expects_sound=variant.names_sound or bool(sounds),
            texts=listed_texts(master, variant),
        )

    async def _media(self, url: str, master: MasterPlaylist, *, follow: bool) -> MediaPlaylist:
        playlist = await self._playlist(url, master.variables)
        if isinstance(playlist, MasterPlaylist):
            raise BadPlaylistError("it leads to another list of variants")
        return await self._whole(playlist, master.variables, follow=follow)

    async def _whole(
        self, playlist: MediaPlaylist, variables: Mapping[str, str], *, follow: bool
    ) -> MediaPlaylist:
        """Load a list without an end again: it may have been cut off, or still be growing."""
        unchanged, waited = 0, 0.0
        while not playlist.has_end:
            again = await self._reloaded(playlist, variables)
            has_grown = len(again.segments) > len(playlist.segments)
            unchanged = 0 if has_grown else unchanged + 1
            playlist = again
            if playlist.has_end or not playlist.is_event:
                break
            if not follow or waited > _LONGEST_EVENT:
                break
            if unchanged > _UNCHANGED_RELOADS:
                raise FetchInterruptedError("the playlist stopped growing before its end")
            pause = playlist.target_duration / (2 if unchanged else 1)
            await self.clock.sleep(timedelta(seconds=pause))
            waited += pause
        return playlist

    async def _reloaded(
        self, playlist: MediaPlaylist, variables: Mapping[str, str]
    ) -> MediaPlaylist:
        again = await self._playlist(playlist.url, variables)
        if isinstance(again, MasterPlaylist):
            raise BadPlaylistError("it turned into a list of variants")
        if playlist.is_event and again.segments[0].sequence != playlist.segments[0].sequence:
            raise BadPlaylistError("it lost its beginning")
        if playlist.is_complete and len(again.segments) < len(playlist.segments):
            return playlist
        return again

    async def _playlist(
        self, url: str, variables: Mapping[str, str]
    ) -> MasterPlaylist | MediaPlaylist:
        text, final = await load_text(self.client, self.stream, url, self.clock)
        return parse_playlist(text, final, variables)


async def load_text(
    client: "ByteClient", stream: Stream, url: str, clock: Clock
) -> tuple[str, str]:
    """Fetch a manifest, give it and where it came from after redirects.

    Raises:
        BadPlaylistError: If it is too large, a web page, or no text.
        NeedsPersonError: If it is a bot check.
        What `ByteClient.open` raises.
    """
    if url == stream.url:
        return await _loaded_text(client, stream, url, clock)
    with named(lambda: f"the playlist{link_file(url)}"):
        return await _loaded_text(client, stream, url, clock)


async def _loaded_text(
    client: "ByteClient", stream: Stream, url: str, clock: Clock
) -> tuple[str, str]:
    patient = Patient(clock)
    while True:
        try:
            body = await client.read_all(url, headers=stream.headers, max_bytes=MAX_PLAYLIST_BYTES)
            break
        except FetchInterruptedError as error:
            await patient.wait_after(error)
        except BadMediaError as error:
            raise BadPlaylistError(error.reason) from error
    data = bytes(body.data)
    if is_bot_check(data) and not data.lstrip().startswith((b"#EXTM3U", b"\xef\xbb\xbf#EXTM3U")):
        raise NeedsPersonError(stream.hoster or "the server", url, "a bot check")
    impostor = impostor_of(data[:4096])
    if impostor is not None and impostor not in {"a playlist", "a text", "an XML document"}:
        raise BadPlaylistError(f"it is {impostor}")
    return data.decode("utf-8", "replace"), body.url
