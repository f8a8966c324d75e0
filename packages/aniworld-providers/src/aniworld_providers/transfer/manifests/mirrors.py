"""Further addresses of the pieces of a job: base links of DASH, redundant playlists of HLS."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.errors import AniworldError
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Piece

#: How far the durations of one segment may differ between playlists of the same encode, in seconds.
_ALIKE: Final = 0.6

#: Loads another playlist of the same encode.
MirrorLoader: TypeAlias = Callable[[], Awaitable[MediaPlaylist]]


@attrs.define(eq=False)
class Mirrors:
    """Playlists of the same encodes elsewhere, each loaded once and only when it is needed."""

    _playlists: Sequence[MediaPlaylist]
    _loaders: Sequence[Sequence[MirrorLoader]]
    _loaded: dict[int, list[MediaPlaylist]] = attrs.Factory(dict)
    _lock: anyio.Lock = attrs.Factory(anyio.Lock)

    async def pieces(self, track: int, place: int, *, is_init: bool) -> list[Piece]:
        """Return where a segment, or the initialisation section in front of it, is besides.

        Args:
            track: Of which track.
            place: Which segment of its playlist.
            is_init: Whether the section is wanted.
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
                continue  # one address less
            if _is_alike(playlist, self._playlists[track]):
                found.append(playlist)
        return found


def _is_alike(one: MediaPlaylist, other: MediaPlaylist) -> bool:
    """Whether two playlists list the same segments, as far as they tell."""
    if one.protection is not None or one.gaps or len(one.segments) != len(other.segments):
        return False
    return all(
        abs(mine.duration - theirs.duration) <= _ALIKE and mine.group == theirs.group
        for mine, theirs in zip(one.segments, other.segments, strict=True)
    )
