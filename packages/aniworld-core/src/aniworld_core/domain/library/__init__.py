"""Files on disk: parse file names, render names, read the data files of the former program."""

from aniworld_core.domain.library.file_names.names import (
    EpisodeFileName,
    fold_title,
    is_ignored_name,
    is_video_name,
    parse_episode_file_name,
    parse_file_name,
    season_of_folder,
    video_suffix,
)
from aniworld_core.domain.library.file_names.patterns import LABELS, find_language
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    Numbers,
    ParsedName,
    SeasonSource,
    SequelKind,
    SequelMark,
)
from aniworld_core.domain.library.files import (
    FileFacts,
    FileState,
    FolderContents,
    FoundFile,
    IgnoredEntry,
    LibraryFile,
    LibraryFolder,
    LibraryLoss,
    stored_path,
)
from aniworld_core.domain.library.legacy import LegacySeries, former_series_link, legacy_series
from aniworld_core.domain.library.link_names import link_file_name
from aniworld_core.domain.library.naming import (
    disambiguated_folder,
    preview,
    render_episode_path,
    render_series_folder,
    safe_folder,
)
from aniworld_core.domain.library.safe_names import (
    cut_to_bytes,
    fold_name,
    is_unseen,
    safe_component,
    safe_text,
    same_name,
)

__all__ = [
    "LABELS",
    "EpisodeFileName",
    "FileFacts",
    "FileState",
    "FolderContents",
    "FoundFile",
    "IgnoredEntry",
    "LegacySeries",
    "LibraryFile",
    "LibraryFolder",
    "LibraryLoss",
    "NameKind",
    "NameRule",
    "Numbers",
    "ParsedName",
    "SeasonSource",
    "SequelKind",
    "SequelMark",
    "cut_to_bytes",
    "disambiguated_folder",
    "find_language",
    "fold_name",
    "fold_title",
    "former_series_link",
    "is_ignored_name",
    "is_unseen",
    "is_video_name",
    "legacy_series",
    "link_file_name",
    "parse_episode_file_name",
    "parse_file_name",
    "preview",
    "render_episode_path",
    "render_series_folder",
    "safe_component",
    "safe_folder",
    "safe_text",
    "same_name",
    "season_of_folder",
    "stored_path",
    "video_suffix",
]
