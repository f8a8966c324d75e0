"""Plan the pictures of episodes: from a metadata source, else a frame of the video."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.catalogue import Covers
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library.changes.sidecars.pictures import (
    PictureSpots,
    SeriesPlace,
    numbers_of,
)
from aniworld_core.application.library.changes.sidecars.request import SidecarDraft
from aniworld_core.domain.catalogue import Cover, PictureLink
from aniworld_core.domain.library import (
    PictureNames,
    is_opaque_name,
    thumb_names,
    video_suffix,
)
from aniworld_core.errors import AdapterNotFoundError, AniworldError
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.ports.library import MediaLibrary

#: Videos whose frames are taken together.
_BATCH: Final = 10
#: Names in the comment of an NFO file: the thumb with its suffix, and what it was made from.
_THUMB: Final = "thumb"
_SOURCE: Final = "thumb.source"


@attrs.frozen(kw_only=True)
class _Thumb:
    """The thumb of one file.

    Attributes:
        own: Its entries in the NFO of the file, if the thumb is as this program wrote it.
        link: Picture in a metadata source.
        taken: Files that media servers take for it.
        foreign: Those of them that this program did not write.
    """

    file: str
    names: PictureNames
    own: dict[str, str]
    link: PictureLink | None
    taken: Sequence[str]
    foreign: Sequence[str]

    @property
    def stem(self) -> str:
        """Return the path of the thumb without suffix."""
        return str(PurePosixPath(self.file).with_name(self.names.stem))


@attrs.define(eq=False, kw_only=True)
class EpisodeThumbs:
    """Plans `<episode>-thumb.jpg` for each file of a series.

    The NFO of the file names the source of its thumb, so that a thumb is made again only when its
    link or its video has changed.
    """

    _spots: PictureSpots
    _covers: Covers
    _library: MediaLibrary
    _inspector: MediaInspector
    _config: CurrentConfig

    async def plan(self, place: SeriesPlace, draft: SidecarDraft) -> dict[str, dict[str, str]]:
        """Plan the thumbs; return the entries of each NFO whose thumb is ours then."""
        own: dict[str, dict[str, str]] = {}
        rest = []
        for file in place.episodes:
            thumb = await self._thumb(file, place)
            if thumb.own:
                own[place.nfo_of[file]] = thumb.own
            if thumb.foreign and not draft.replaces_foreign:
                draft.unchanged += 1
            elif (marks := await self._linked(thumb, place, draft)) is not None:
                own[place.nfo_of[file]] = marks
            else:
                rest.append(thumb)
        if self._config.value.library.episode_frames:
            for file, marks in (await self._frames(rest, draft)).items():
                own[place.nfo_of[file]] = marks
        return own

    async def _thumb(self, file: str, place: SeriesPlace) -> _Thumb:
        path = PurePosixPath(file)
        names = thumb_names(path.name.removesuffix(video_suffix(path.name)))
        taken = await self._spots.taken(str(path.parent), names)
        marks = await self._spots.marks(place.nfo_of[file]) if taken else {}
        own: dict[str, str] = {}
        foreign = []
        for present in taken:
            suffix = PurePosixPath(present).suffix
            digest = marks.get(f"{_THUMB}{suffix}")
            is_ours = PurePosixPath(present).name == f"{names.stem}{suffix}" and digest is not None
            if is_ours and await self._spots.digest(present) == digest:
                own = marks
            else:
                foreign.append(present)
        links = map(place.facts.thumbs.get, numbers_of(place.episodes[file]))
        return _Thumb(
            file=file,
            names=names,
            own=own,
            link=next(filter(None, links), None),
            taken=taken,
            foreign=foreign,
        )

    async def _linked(
        self, thumb: _Thumb, place: SeriesPlace, draft: SidecarDraft
    ) -> dict[str, str] | None:
        """Plan the picture of a metadata source; `None` if it has none."""
        link = thumb.link
        if link is None:
            return None
        source = _digest(f"link {link.url}")
        if self._is_current(thumb, source, draft):
            return thumb.own
        picture = await self._spots.fetched(
            thumb.stem, lambda: self._covers.linked(place.series.key, link), draft
        )
        return None if picture is None else await self._put(thumb, picture, source, draft)

    async def _frames(
        self, thumbs: Sequence[_Thumb], draft: SidecarDraft
    ) -> dict[str, dict[str, str]]:
        """Plan frames of videos; return the entries of the NFO of each file with a new one."""
        stamps = await self._library.stat([thumb.file for thumb in thumbs])
        due = []
        for thumb in thumbs:
            stamp = stamps.get(thumb.file)
            if stamp is None or is_opaque_name(thumb.file):
                continue
            source = _digest(f"frame {stamp[0]} {stamp[1]}")
            if not self._is_current(thumb, source, draft):
                due.append((thumb, source))
        found: dict[str, dict[str, str]] = {}
        while due:
            batch, due = due[:_BATCH], due[_BATCH:]
            paths = {self._library.absolute(thumb.file): (thumb, source) for thumb, source in batch}
            try:
                stills = {} if draft.is_full else await self._inspector.stills(list(paths))
            except AdapterNotFoundError as error:
                draft.refuse(batch[0][0].stem, error.message)
                break
            for path, (thumb, source) in paths.items():
                still = stills.get(path)
                if isinstance(still, AniworldError):
                    draft.refuse(thumb.stem, still.message)
                elif still is None:
                    draft.takes(thumb.stem, 0)
                elif marks := await self._put(thumb, still, source, draft):
                    found[thumb.file] = marks
        return found

    async def _put(
        self, thumb: _Thumb, picture: Cover, source: str, draft: SidecarDraft
    ) -> dict[str, str]:
        put = await self._spots.put(
            thumb.stem, picture, draft, taken=thumb.taken, foreign=thumb.foreign
        )
        if put is None:
            return thumb.own
        suffix, digest = put
        return {f"{_THUMB}{suffix}": digest, _SOURCE: source}

    def _is_current(self, thumb: _Thumb, source: str, draft: SidecarDraft) -> bool:
        is_current = not thumb.foreign and thumb.own.get(_SOURCE) == source
        draft.unchanged += is_current
        return is_current


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
