"""Bodies and queries of `/api/library`: renames, imports and the history."""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.library import (
    HeldPolicy,
    ImportCorrection,
    ImportRequest,
    SidecarRequest,
)
from aniworld_core.domain.identity import SeriesKey, parse_episode_selection
from aniworld_core.domain.library import ChangeAction
from aniworld_core.errors import InvalidEpisodeError, InvalidFieldsError
from aniworld_http.schemas.anime import SelectionCode
from aniworld_http.schemas.paging import Limit, Offset, SeriesKeyText

_Keys: TypeAlias = Annotated[tuple[SeriesKeyText, ...], Meta(max_length=10_000)]
_Digest: TypeAlias = Annotated[
    str,
    Meta(min_length=64, max_length=64, pattern="^[0-9a-f]+$", description="Digest of the plan"),
]
_Folder: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=4096, pattern="^/", examples=["/media/old/Anime"])
]


@attrs.frozen(kw_only=True)
class RenameBody:
    """Series to rename; all when empty."""

    keys: _Keys = ()


@attrs.frozen(kw_only=True)
class RenameApplyBody:
    """A rename plan to apply, named by its digest."""

    digest: _Digest
    keys: _Keys = ()


@attrs.frozen(kw_only=True)
class ImportCorrectionBody:
    """A decision about a file of an import, or about all files of a folder.

    Attributes:
        path: Path relative to the imported folder; `.` for the folder itself.
        skip: Whether the files stay where they are.
        key: Key of their series in the library.
        episode: Episode of a single file, or a range such as `S01E03-E04`; needs `key`.
    """

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    skip: bool = False
    key: SeriesKeyText | None = None
    episode: SelectionCode | None = None


@attrs.frozen(kw_only=True)
class ImportBody:
    """A folder to import.

    Attributes:
        folder: Absolute path on the server.
        action: What happens to the files of the folder.
        series: Key of the series of all files; null to find it by the names.
        held: What happens to a file whose episode the library has already.
        corrections: Decisions about files and folders; the longest path counts for a file.
    """

    folder: _Folder
    action: Literal["move", "copy", "link"] = "move"
    series: SeriesKeyText | None = None
    held: Literal["refuse", "replace", "version"] = "refuse"
    corrections: Annotated[tuple[ImportCorrectionBody, ...], Meta(max_length=10_000)] = ()

    def to_domain(self) -> ImportRequest:
        """Return the request as a domain value.

        Raises:
            InvalidFieldsError: If a range counts backwards.
        """
        return ImportRequest(
            folder=self.folder.rstrip("/") or "/",
            action=ChangeAction(self.action),
            series=None if self.series is None else SeriesKey(self.series),
            held=HeldPolicy(self.held),
            corrections=tuple(self._corrections()),
        )

    def _corrections(self) -> Iterator[ImportCorrection]:
        problems: list[tuple[str, str]] = []
        for index, each in enumerate(self.corrections):
            episodes = None
            try:
                episodes = None if each.episode is None else parse_episode_selection(each.episode)
            except InvalidEpisodeError as error:
                problems.append((f"/corrections/{index}/episode", error.message))
            yield ImportCorrection(
                path=each.path,
                is_skipped=each.skip,
                series=None if each.key is None else SeriesKey(each.key),
                episodes=episodes,
            )
        if problems:
            raise InvalidFieldsError(problems)


@attrs.frozen(kw_only=True)
class ImportApplyBody(ImportBody):
    """An import plan to apply, named by its digest."""

    digest: _Digest


@attrs.frozen(kw_only=True)
class SidecarsBody:
    """Series whose NFO files and pictures are written; all when empty.

    Attributes:
        replace_foreign: Replace files of other programs and changed files; the old ones go to
            the recycle bin.
        pictures: Write the poster, too.
    """

    keys: _Keys = ()
    replace_foreign: bool = False
    pictures: bool = True

    def to_domain(self) -> SidecarRequest:
        """Return the request as a domain value."""
        return SidecarRequest(
            keys=tuple(SeriesKey(key) for key in self.keys),
            replaces_foreign=self.replace_foreign,
            with_pictures=self.pictures,
        )


@attrs.frozen(kw_only=True)
class SidecarsApplyBody(SidecarsBody):
    """A sidecar plan to apply, named by its digest."""

    digest: _Digest


@attrs.frozen(kw_only=True)
class HistoryQuery:
    """Part of the history."""

    limit: Limit | None = None
    offset: Offset = 0
