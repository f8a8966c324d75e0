"""Request of an import, and the match of each of its files."""

import enum
from collections.abc import Mapping

import attrs

from aniworld_core.application.library.adoptable_folders import Confidence
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import EpisodeSelection, SeriesKey
from aniworld_core.domain.library import ChangeAction, ChangePlan
from aniworld_core.messages import Message


class HeldPolicy(enum.StrEnum):
    """What happens to a file whose episode the library has already."""

    REFUSE = "refuse"
    REPLACE = "replace"  #: the present file goes to the recycle bin
    VERSION = "version"  #: the file is stored beside the present one


@attrs.frozen(kw_only=True)
class ImportCorrection:
    """A decision of a person about a file, or about all files of a folder.

    Attributes:
        path: Path relative to the imported folder; `.` for the folder itself.
        is_skipped: Whether the files stay where they are.
        series: Their series; `None` to find it by the names.
        episodes: Episodes of a single file; `None` to find them by its name.
    """

    path: str
    is_skipped: bool = False
    series: SeriesKey | None = None
    episodes: EpisodeSelection | None = None


@attrs.frozen(kw_only=True)
class ImportRequest:
    """An import of a folder.

    Attributes:
        folder: Absolute path of the folder.
        action: Move, copy or link.
        series: The series of all files; `None` to find it by the names.
        held: What happens to episodes that the library has already.
        corrections: Decisions of a person; the one with the longest path counts for a file.
    """

    folder: str
    action: ChangeAction = ChangeAction.MOVE
    series: SeriesKey | None = None
    held: HeldPolicy = HeldPolicy.REFUSE
    corrections: tuple[ImportCorrection, ...] = ()


@attrs.frozen(kw_only=True)
class ImportGroup:
    """A folder of the import whose files belong to one series.

    Attributes:
        folder: Path relative to the imported folder; `.` for the folder itself.
        title: Title that its name gives, to search for.
        year: Year in its name.
        ids: Ids in its name: name of the database -> id.
        series: Its series; `None` if no stored series fits.
        confidence: How well the series fits.
        candidates: Stored series that may be meant.
        reason: Why the series is not sure.
        files: Number of its videos.
    """

    folder: str
    title: str
    year: int | None
    ids: Mapping[str, str]
    series: Series | None
    confidence: Confidence
    candidates: tuple[Series, ...] = ()
    reason: Message | None = None
    files: int


@attrs.frozen(kw_only=True)
class ImportMatch:
    """The series and episodes that a file of the import was matched to.

    Attributes:
        path: Path relative to the imported folder.
        group: Folder of its group.
        series: Its series; `None` if it has none.
        codes: Codes of its episodes, such as `S01E03`.
        confidence: How well it fits.
        reason: Why it is not imported or not sure.
        is_skipped: Whether a person left it out.
        is_corrected: Whether a person chose its series or episodes.
    """

    path: str
    group: str
    series: SeriesKey | None = None
    codes: tuple[str, ...] = ()
    confidence: Confidence = Confidence.UNSURE
    reason: Message | None = None
    is_skipped: bool = False
    is_corrected: bool = False


@attrs.frozen(kw_only=True)
class ImportDraft:
    """A plan of an import with what it is based on.

    Attributes:
        plan: The plan.
        groups: Folders with their series, ordered by path.
        matches: Videos, ordered by path.
    """

    plan: ChangePlan
    groups: tuple[ImportGroup, ...]
    matches: tuple[ImportMatch, ...]
