"""Further addresses of the pieces of a job, from redundant playlists of HLS."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.errors import AniworldError
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Piece

#: Seconds by which a segment's duration may differ between playlists of the same encode.
_ALIKE: Final = 0.6

#: Loads a further playlist of the same encode.
MirrorLoader: TypeAlias = Callable[[], Awaitable[MediaPlaylist]]


@attrs.define(eq=False)
class Mirrors:
    """Redundant playlists, each loaded once and only when needed."""

    _playlists: Sequence[MediaPlaylist]
    _loaders: Sequence[Sequence[MirrorLoader]]
    _loaded: dict[int, list[MediaPlaylist]] = attrs.Factory(dict)
    _lock: anyio.Lock = attrs.Factory(anyio.Lock)

    async def pieces(self, track: int, place: int, *, is_init: bool) -> list[Piece]:
        """Return the further addresses of a segment or of the section in front of it.

        Args:
            track: Index of the track.
            place: Index of the segment in the track's playlist.
            is_init: Whether to return those of the initialisation section.
        """
        if not self._loaders[track]:
            return []
        async with self._lock:
            if track not in self._loaded:
                self._loaded[track] = await self._load(track)
        segments = [playlist.segments[place] for playlist in self._loaded[track]]
        found = [segment.init if is_init else segment.piece for segment in segments]
        return [piece for piece in found if piece is not None]

    async def _load(self, track: int) -> list[MediaPlaylist]:
        found: list[MediaPlaylist] = []
        for loader in self._loaders[track]:
            try:
                playlist = await loader()
            except AniworldError:
                continue  # this address is left out
            if _is_equivalent(playlist, self._playlists[track]):
                found.append(playlist)
        return found


def _is_equivalent(one: MediaPlaylist, other: MediaPlaylist) -> bool:
    """Whether two playlists list the same segments, as far as known."""
    if one.protection is not None or one.gaps or len(one.segments) != len(other.segments):
        return False
    return all(
        abs(mine.duration - theirs.duration) <= _ALIKE and mine.group == theirs.group
        for mine, theirs in zip(one.segments, other.segments, strict=True)
    )
