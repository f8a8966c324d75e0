"""Load the playlists of an HLS stream until it is known what to fetch."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.domain.media import Language, Quality, Stream, TrackRole
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    BadPlaylistError,
    FetchInterruptedError,
    LinkRefusedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.transfer.manifests.hls.choice import (
    chosen_audio,
    is_redundant,
    offered_roles,
    ranked_variants,
    rendition_language,
    require_role,
    same_sound,
)
from aniworld_providers.transfer.manifests.hls.playlist import parse_playlist
from aniworld_providers.transfer.manifests.job import ChosenTrack, Selection
from aniworld_providers.transfer.manifests.mirrors import MirrorLoader
from aniworld_providers.transfer.manifests.playlists import (
    MasterPlaylist,
    MediaPlaylist,
    Rendition,
    Variant,
)
from aniworld_providers.transfer.manifests.reading import load_text, read_off_loop
from aniworld_providers.transfer.manifests.subtitle_offers import listed_texts
from aniworld_providers.transfer.retry_policy import NO_RETRIES, TRANSFER_RETRIES

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

#: Reloads of a growing playlist without a change after which it counts as abandoned.
_UNCHANGED_RELOADS: Final = 3
#: Seconds for which a growing playlist is reloaded at most.
_LONGEST_EVENT: Final = 12 * 3600.0
#: Errors after which the next best variant is tried, and those after which another address is.
_NEXT_BEST: Final = (SourceGoneError, BadPlaylistError, UnsupportedSourceError)
_ELSEWHERE: Final = (*_NEXT_BEST, LinkRefusedError, FetchInterruptedError)
#: Most variants to try when better ones are missing.
_MOST_VARIANTS: Final = 6


@attrs.define(eq=False, kw_only=True)
class HlsManifest:
    """Loads the playlists of one stream.

    Attributes:
        client: Sends the requests.
        stream: The stream of the playlists.
        quality: Wanted quality.
        languages: Wanted audio languages, in order.
        role: Wanted role.
        clock: Clock for waits between attempts.
    """

    client: "ByteClient"
    stream: Stream
    quality: Quality
    languages: Sequence[Language]
    clock: Clock
    role: TrackRole = TrackRole.MAIN

    async def load(self, *, follow: bool = True) -> Selection:
        """Load the playlists and choose the tracks.

        Args:
            follow: Whether to wait for the end of a growing playlist.

        Raises:
            BadPlaylistError: If a playlist is invalid.
            SourceGoneError: If a playlist does not exist.
            UnsupportedSourceError: If the wanted role is not offered.
            What `ByteClient.open` raises.
        """
        playlist = await self._playlist(self.stream.url, {})
        if isinstance(playlist, MediaPlaylist):
            require_role(self.role, ())
            whole = await self._whole(playlist, {}, follow=follow)
            language = self.stream.language.audio if self.stream.language else None
            return Selection(
                tracks=(ChosenTrack(playlist=whole, language=language),), notices=whole.notes
            )
        require_role(self.role, offered_roles(playlist))
        return await self._choose(playlist, follow=follow)

    async def _choose(self, master: MasterPlaylist, *, follow: bool) -> Selection:
        failure: AniworldError | None = None
        failed: list[Variant] = []
        ranked = ranked_variants(master, self.quality, self._picture_role)[:_MOST_VARIANTS]
        for place, variant in enumerate(ranked):
            others = [v for v in ranked if is_redundant(v, variant) and v not in failed]
            has_more = any(v in others for v in ranked[place + 1 :])
            try:
                picture = await self._media(
                    variant.url,
                    master,
                    follow=follow,
                    retries=NO_RETRIES if has_more else TRANSFER_RETRIES,
                )
            except _ELSEWHERE as error:
                failure = failure or error
                is_last = not has_more and not isinstance(error, _NEXT_BEST)
                if is_last:
                    raise failure from error
                failed.append(variant)
                continue
            if picture.gaps and has_more:
                failed.append(variant)
                continue
            return await self._with_sound(master, variant, picture, others, follow=follow)
        raise failure or BadPlaylistError(Message("lists_no_video"))

    @property
    def _picture_role(self) -> TrackRole:
        return TrackRole.MAIN if self.role.is_of_sound else self.role

    async def _with_sound(
        self,
        master: MasterPlaylist,
        variant: Variant,
        picture: MediaPlaylist,
        others: Sequence[Variant],
        *,
        follow: bool,
    ) -> Selection:
        role = self.role if self.role.is_of_sound else TrackRole.MAIN
        sounds = chosen_audio(master, variant, self.languages, role)
        inside = [rendition for rendition in sounds if rendition.url is None]
        own = rendition_language(inside[0]) if inside else None
        if not sounds and self.stream.language is not None:
            own = self.stream.language.audio
        tracks = [
            ChosenTrack(
                playlist=picture,
                has_audio=not sounds or bool(inside),
                language=own,
                mirrors=tuple(self._mirror(other.url, master) for other in others),
            )
        ]
        tracks += [
            await self._sound(master, rendition, others, follow=follow)
            for rendition in sounds
            if rendition.url is not None
        ]
        ordinary = [r for r in master.audio if r.role is role] or master.audio
        offered = [rendition_language(r) or "und" for r in ordinary]
        heights = {v.height for v in master.variants if v.height and v.role is variant.role}
        return Selection(
            tracks=tuple(tracks),
            heights=tuple(sorted(heights, reverse=True)),
            audio_languages=tuple(dict.fromkeys(offered)),
            identity=f"{variant.height}/{variant.bandwidth}/{variant.codecs}",
            height=variant.height,
            expects_sound=variant.names_sound or bool(sounds),
            texts=listed_texts(master, variant),
            roles=offered_roles(master),
            notices=tuple(
                dict.fromkeys((*master.notes, *(n for t in tracks for n in t.playlist.notes)))
            ),
        )

    async def _sound(
        self,
        master: MasterPlaylist,
        rendition: Rendition,
        others: Sequence[Variant],
        *,
        follow: bool,
    ) -> ChosenTrack:
        """Load an audio track, or the same one from the group of a redundant variant."""
        same = [same_sound(master, rendition, other) for other in others]
        links = [rendition.url, *(other.url for other in same if other is not None)]
        urls = list(dict.fromkeys(link for link in links if link is not None))
        failure: AniworldError | None = None
        for place, url in enumerate(urls):
            is_last = place + 1 == len(urls)
            try:
                playlist = await self._media(
                    url, master, follow=follow, retries=TRANSFER_RETRIES if is_last else NO_RETRIES
                )
            except _ELSEWHERE as error:
                failure = failure or error
                continue
            return ChosenTrack(
                playlist=playlist,
                has_video=False,
                language=rendition_language(rendition),
                mirrors=tuple(self._mirror(more, master) for more in urls[place + 1 :]),
            )
        raise failure or BadPlaylistError(Message("audio_no_address"))

    def _mirror(self, url: str, master: MasterPlaylist) -> MirrorLoader:
        return partial(self._media, url, master, follow=False, retries=NO_RETRIES)

    async def _media(
        self,
        url: str,
        master: MasterPlaylist,
        *,
        follow: bool,
        retries: RetryPolicy = TRANSFER_RETRIES,
    ) -> MediaPlaylist:
        playlist = await self._playlist(url, master.variables, retries)
        if isinstance(playlist, MasterPlaylist):
            raise BadPlaylistError(Message("nested_variants"))
        return await self._whole(playlist, master.variables, follow=follow)

    async def _whole(
        self, playlist: MediaPlaylist, variables: Mapping[str, str], *, follow: bool
    ) -> MediaPlaylist:
        """Reload a playlist without an end, which may be cut off or still growing."""
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
                raise FetchInterruptedError(Message("playlist_stopped"))
            pause = playlist.target_duration / (2 if unchanged else 1)
            await self.clock.sleep(timedelta(seconds=pause))
            waited += pause
        return playlist

    async def _reloaded(
        self, playlist: MediaPlaylist, variables: Mapping[str, str]
    ) -> MediaPlaylist:
        again = await self._playlist(playlist.url, variables)
        if isinstance(again, MasterPlaylist):
            raise BadPlaylistError(Message("reloaded_variants"))
        if playlist.is_event and again.segments[0].sequence != playlist.segments[0].sequence:
            raise BadPlaylistError(Message("reloaded_first_missing"))
        if playlist.is_complete and len(again.segments) < len(playlist.segments):
            return playlist
        return again

    async def _playlist(
        self, url: str, variables: Mapping[str, str], retries: RetryPolicy = TRANSFER_RETRIES
    ) -> MasterPlaylist | MediaPlaylist:
        text, final = await load_text(self.client, self.stream, url, self.clock, retries)
        return await read_off_loop(parse_playlist, text, final, variables)
