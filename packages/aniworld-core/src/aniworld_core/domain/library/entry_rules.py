"""Rules for entries of a library: videos, bonus material, system folders, unfinished files.

One table for every reader of a library. Names are compared without case. Sources: the extras
folders and suffixes of Jellyfin and Plex, and the folders that NAS systems, desktops and download
and transcoding programs create.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

import attrs

from aniworld_core.messages import Message


class EntryRole(StrEnum):
    """What a file or folder is to the library, by its name."""

    #: A video file that can be inspected.
    VIDEO = "video"
    #: A video that is present but cannot be inspected: a disc folder, a disc image, a link file
    #: or an old container.
    OPAQUE = "opaque"
    #: Bonus material: a trailer, sample, featurette or a folder of them.
    EXTRA = "extra"
    #: A system folder, a hidden entry, an unfinished file, or an episode of an unknown kind.
    IGNORED = "ignored"
    #: Any other entry: an ordinary folder, a sidecar, a text.
    PLAIN = "plain"


@attrs.frozen
class EntryRule:
    """The role of an entry, with the reason if it is not read as a video.

    Attributes:
        role: The role.
        reason: Why it is ignored, bonus material or cannot be inspected; `None` otherwise.
    """

    role: EntryRole
    reason: Message | None = None


#: Container suffixes of video files, lower case, with their dot.
VIDEO_SUFFIXES: Final = frozenset(
    {".mkv", ".mp4", ".m4v", ".avi", ".mov", ".ts", ".m2ts", ".webm", ".wmv", ".flv"}
    | {".mpg", ".mpeg", ".ogm", ".ogv"}
)
#: Suffixes of videos that cannot be inspected: disc images, link files, old containers.
OPAQUE_SUFFIXES: Final = frozenset(
    {".iso", ".img", ".nrg", ".strm", ".rm", ".rmvb", ".divx", ".xvid", ".vob", ".3gp", ".3g2"}
    | {".asf", ".mts", ".m1v", ".m2v", ".mpe", ".mpv", ".f4v", ".wtv", ".dvr-ms", ".rec", ".tp"}
    | {".trp", ".mxf", ".qt", ".mk3d", ".amv", ".evo", ".nuv", ".pva", ".vro", ".dv"}
)
#: The suffixes of nearly all videos, for a quick answer.
_USUAL_SUFFIXES: Final = frozenset({".mkv", ".mp4", ".avi"})
_MEDIA_SUFFIXES: Final = VIDEO_SUFFIXES | OPAQUE_SUFFIXES
#: Folders that hold the content of one disc.
DISC_FOLDERS: Final = frozenset({"bdmv", "video_ts", "hvdvd_ts", "bdav"})

_SYSTEM_FOLDERS: Final = frozenset(
    # Synology, QNAP and other NAS systems
    {"@eadir", "@recycle", "@recently-snapshot", "@sharebin", "@transcode", "@tmp", "#recycle"}
    | {"#snapshot", "@sharesnap", "@appdata", ".@__thumb", "eadir"}
    # Windows and macOS
    | {"$recycle.bin", "recycler", "recycled", "system volume information", "found.000"}
    | {"__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder"}
    # transcoded copies of media servers
    | {"plex versions"}
    # Linux file systems, and the second half of a disc folder
    | {"lost+found", "audio_ts", "certificate"}
)
_SYSTEM_PREFIXES: Final = ("_unpack_", "_failed_", "$av_")
_SYSTEM_SUFFIXES: Final = (".trickplay",)

#: Names of folders with bonus material, without spaces and punctuation.
_EXTRA_FOLDERS: Final = frozenset(
    {"extra", "extras", "featurette", "featurettes", "interview", "interviews"}
    | {"behindthescenes", "deletedscene", "deletedscenes", "deleted", "scene", "scenes"}
    | {"short", "shorts", "trailer", "trailers", "teaser", "teasers", "sample", "samples"}
    | {"other", "others", "clip", "clips", "backdrop", "backdrops", "thememusic", "themevideos"}
    | {"bonus", "bonusmaterial", "bonusfeatures", "specialfeatures", "makingof", "bloopers"}
    | {"outtakes", "gagreel", "promo", "promos", "preview", "previews", "menu", "menus", "pv"}
    | {"nc", "ncop", "nced", "ncoped", "ncopnced", "oped", "creditless", "pvs", "sps"}
    | {"cm", "cms", "scans", "proof"}
    | {"hinterdenkulissen", "geschnitteneszenen", "entfalleneszenen", "kurzfilme", "bonusclips"}
)
#: Suffixes that Jellyfin, Plex and Kodi give to bonus clips. The last six are also words of
#: titles: they count in lower case behind a hyphen only, as Jellyfin writes them.
EXTRA_SUFFIX: Final = re.compile(
    r"(?:(?:^|[-._])(?i:sample|trailer)"
    r"|[-._](?i:behindthescenes|deleted(?:scene)?|featurette|teaser)"
    r"|\S-(?:interview|scene|clip|short|extra|other))\d{0,2}\Z",
    re.ASCII,
)
#: Whole names of bonus clips, and the start of a sample's name.
_EXTRA_NAME: Final = re.compile(r"^sample[-._ ]|^(?:theme|backdrop)\d{0,2}$", re.ASCII)
#: Suffixes of unfinished transfers and backup copies, behind the name of the video.
_UNFINISHED_END: Final = re.compile(
    r"\.(?:part(?:\d{0,9}|-frag\d{0,9}|ial)|ytdl|temp|tmp|crdownload|aria2|download|opdownload"
    r"|!qb|!ut|!bt|!sync|bts|bc!|jc!|filepart|unfinished|incomplete|xltd|td|dctmp|dltmp|syncing"
    r"|lock|ledger)~?$|~$",
    re.ASCII,
)
#: Marks of unfinished files in front of the suffix of a video.
_UNFINISHED_MARK: Final = re.compile(
    r"\.part$|\.part-frag\d{1,9}(?=\.|$)|[._](?:tmp|partial|incomplete|unfinished|crdownload)$"
    r"|\.unmanic\.part-\d{1,4}$|-tdarrcachefile-|\.(?:transcoding|converting|remuxing)$",
    re.ASCII,
)
#: One of these is in every name that the patterns above find.
_HINT: Final = re.compile(
    "sample|trailer|teaser|theme|backdrop|behindthescenes|deleted|featurette"
    "|-interview|-scene|-clip|-short|-extra|-other"
    r"|\.part|tmp|partial|incomplete|unfinished|crdownload|tdarrcachefile"
    "|transcoding|converting|remuxing"
)
#: Suffixes of files beside videos that have the number of an episode in their names as well.
_BESIDE_SUFFIXES: Final = frozenset(
    # subtitles, audio, chapters
    {".srt", ".ass", ".ssa", ".sub", ".idx", ".vtt", ".smi", ".sup", ".mks", ".mka", ".mp3", ".aac"}
    | {".ac3", ".eac3", ".dts", ".flac", ".ogg", ".opus", ".m4a", ".wav", ".lrc", ".edl", ".ffp"}
    # pictures and texts
    | {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tbn", ".bif", ".nfo", ".xml", ".json"}
    | {".txt", ".md", ".html", ".htm", ".url", ".lnk", ".log", ".cue", ".m3u", ".m3u8", ".pdf"}
    # checksums, archives, downloads
    | {".sfv", ".md5", ".sha1", ".sha256", ".par2", ".zip", ".rar", ".7z", ".gz", ".tar", ".srr"}
    | {".torrent", ".nzb", ".bak", ".old", ".orig", ".db", ".ini"}
)
_NUMBERED: Final = re.compile(
    r"(?<![^\W_])(?:s\d{1,4}[ ._-]?e\d{1,4}|\d{1,2}x\d{2,3})(?![^\W_])", re.ASCII
)
_ARCHIVE_PART: Final = re.compile(r"\.(?:r|z|0)\d{2}", re.ASCII)
_SHORT_CLIPS: Final = frozenset({"sample", "samples", "trailer", "trailers"})
_PUNCTUATION: Final = re.compile(r"[\W_]+")

_PLAIN: Final = EntryRule(EntryRole.PLAIN)
_VIDEO: Final = EntryRule(EntryRole.VIDEO)
_HIDDEN: Final = EntryRule(EntryRole.IGNORED, Message("entry_hidden"))
_SYSTEM: Final = EntryRule(EntryRole.IGNORED, Message("entry_system_folder"))
_UNFINISHED: Final = EntryRule(EntryRole.IGNORED, Message("entry_unfinished"))
_EXTRA_FOLDER: Final = EntryRule(EntryRole.EXTRA, Message("entry_extra_folder"))
_EXTRA_FILE: Final = EntryRule(EntryRole.EXTRA, Message("entry_extra_name"))
_DISC: Final = EntryRule(EntryRole.OPAQUE, Message("entry_disc_folder"))
_UNKNOWN_KIND: Final = EntryRule(EntryRole.IGNORED, Message("entry_unknown_kind"))
_OPAQUE: Final = EntryRule(EntryRole.OPAQUE, Message("entry_opaque"))


@lru_cache(maxsize=4096)
def folder_rule(name: str) -> EntryRule:
    """Return the rule for a folder.

    A folder that is `IGNORED` is not read. A folder that is `OPAQUE` counts as one video. Bonus
    folders (`EXTRA`) are only meant below the folder of a series.
    """
    lowered = name.lower()
    if lowered in _SYSTEM_FOLDERS or lowered.endswith(_SYSTEM_SUFFIXES):
        return _SYSTEM
    if lowered.startswith("."):
        return _HIDDEN
    if lowered.startswith(_SYSTEM_PREFIXES):
        return _UNFINISHED
    if lowered in DISC_FOLDERS:
        return _DISC
    if is_extra_folder(name):
        return _EXTRA_FOLDER
    return _PLAIN


def is_extra_folder(name: str) -> bool:
    """Return whether a folder below that of a series holds bonus material."""
    if name[-1:].isdigit():
        return False  # no such name ends with a digit, and most folders of seasons do
    return _PUNCTUATION.sub("", name.casefold()) in _EXTRA_FOLDERS


def file_rule(name: str) -> EntryRule:
    """Return the rule for a file."""
    lowered = name.lower()
    suffix = lowered[lowered.rfind(".") :] if "." in lowered else ""
    is_video = suffix in VIDEO_SUFFIXES
    if not is_video and suffix not in OPAQUE_SUFFIXES:
        return _of_other_file(lowered)
    if lowered[0] == ".":
        return _HIDDEN
    stem = lowered[: -len(suffix)]
    # A cheap search for the words saves the patterns for most names.
    if _HINT.search(stem):
        if _UNFINISHED_MARK.search(stem):
            return _UNFINISHED
        if _EXTRA_NAME.search(stem) or EXTRA_SUFFIX.search(name[: -len(suffix)]):
            return _EXTRA_FILE
    return _VIDEO if is_video else _OPAQUE


def media_suffix(name: str) -> str:
    """Return the suffix of a video as written, whether it can be inspected or not, or `""`."""
    _, dot, suffix = name.rpartition(".")
    lowered = f".{suffix.lower()}"
    return dot + suffix if dot and lowered in _MEDIA_SUFFIXES else ""


def video_suffix(name: str) -> str:
    """Return the container suffix as written, or an empty string if it is no video name."""
    _, dot, suffix = name.rpartition(".")
    return dot + suffix if f".{suffix.lower()}" in VIDEO_SUFFIXES and dot else ""


def is_video_name(name: str) -> bool:
    """Return whether a file of this name can be an episode or film that can be inspected."""
    return file_rule(name).role is EntryRole.VIDEO


def is_opaque_name(name: str) -> bool:
    """Return whether a path names a video that is present but cannot be inspected."""
    last = name.rpartition("/")[2]
    if last[-4:].lower() in _USUAL_SUFFIXES:
        return False
    return last.lower() in DISC_FOLDERS or file_rule(last).role is EntryRole.OPAQUE


def is_ignored_name(name: str) -> bool:
    """Return whether an entry is never an episode: hidden, system, unfinished, sample, trailer."""
    if folder_rule(name).role is EntryRole.IGNORED or file_rule(name).role is EntryRole.IGNORED:
        return True
    whole = name[: len(name) - len(media_suffix(name))]
    stem = whole.lower()
    if stem in _SHORT_CLIPS or _EXTRA_NAME.search(stem) or EXTRA_SUFFIX.search(whole):
        return True
    return _is_unfinished(name.lower())


def _of_other_file(lowered: str) -> EntryRule:
    """Return the rule for a file without the suffix of a video: a part of a video or nothing."""
    parts = (f".{part.rstrip('~')}" for part in lowered.split(".")[1:])
    if not any(part in VIDEO_SUFFIXES or part in OPAQUE_SUFFIXES for part in parts):
        return _PLAIN
    if lowered[0] == ".":
        return _HIDDEN
    return _UNFINISHED if _is_unfinished(lowered) else _PLAIN


def entry_rule(name: str) -> EntryRule:
    """Return the rule for a file on the disk: as `file_rule`, but an episode is never `PLAIN`.

    A file that names an episode and has the suffix of no known kind of file is `IGNORED`.
    """
    rule = file_rule(name)
    return _UNKNOWN_KIND if rule is _PLAIN and _is_unknown_kind(name.lower()) else rule


def _is_unknown_kind(lowered: str) -> bool:
    suffix = lowered[lowered.rfind(".") :] if "." in lowered else ""
    if suffix in _BESIDE_SUFFIXES or lowered[0] == "." or _ARCHIVE_PART.fullmatch(suffix):
        return False
    return _NUMBERED.search(lowered) is not None


def _is_unfinished(lowered: str) -> bool:
    return bool(_UNFINISHED_END.search(lowered))
