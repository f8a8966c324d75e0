"""Items of the Archive, parsed from their metadata."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Checksum, Language
from aniworld_core.domain.subtitles import TextTrack
from aniworld_core.errors import ProviderChangedError
from aniworld_core.messages import Message
from aniworld_providers.catalogues.archive import fields
from aniworld_providers.catalogues.archive.links import ArchiveLinks

NAME = "archive"
SITE = "archive.org"

_HEX = re.compile(r"[0-9a-f]+")
_DIGESTS = (("sha1", 40), ("md5", 32))


@attrs.frozen
class ArchiveSubtitle:
    """A subtitle file, by its path inside the item."""

    name: str
    track: TextTrack


@attrs.frozen(kw_only=True)
class ArchiveFile:
    """One file of an item.

    Attributes:
        name: Path inside the item.
        parent: Name of the file it was made from; empty for an original.
        private: Whether only some users may download it.
        texts: Its subtitles.
    """

    name: str
    parent: str = ""
    format: str = ""
    title: str = ""
    size: int | None = None
    checksum: Checksum | None = None
    duration: float | None = None
    height: int | None = None
    private: bool = False
    texts: tuple[ArchiveSubtitle, ...] = ()


@attrs.frozen(kw_only=True)
class ArchiveItem:
    """One item with its files.

    Attributes:
        identifier: Its case-sensitive name on the site.
        unavailable: Reason why it is unavailable to all users, or empty.
        restricted: Reason why not everybody can get it, or empty.
    """

    identifier: str
    title: str
    description: str = ""
    year: int | None = None
    subjects: tuple[str, ...] = ()
    languages: frozenset[Language] = frozenset()
    files: tuple[ArchiveFile, ...] = ()
    unavailable: str = ""
    restricted: str = ""

    def described(self, key: SeriesKey, links: ArchiveLinks) -> Series:
        """Return the series without its episodes."""
        folder = f"{self.title} ({self.year})" if self.year else self.title
        return Series(
            key=key,
            name=self.title,
            site=SITE,
            provider=NAME,
            folder=FolderName(safe_component(folder, fallback=key)),
            link=links.details(self.identifier),
            provider_ref=self.identifier,
            description=self.description,
            year=self.year,
            genres=self.subjects,
            cover_url=links.cover(self.identifier),
        )


def read_item(identifier: str, answer: Mapping[str, Any]) -> ArchiveItem:
    """Parse the answer of the metadata endpoint for an existing item.

    Raises:
        ProviderChangedError: If a required part is missing or has another type.
    """
    if fields.flag(answer.get("is_dark")):
        return ArchiveItem(
            identifier=identifier, title=identifier, unavailable=Message("item_taken_down")
        )
    metadata, files = answer.get("metadata"), answer.get("files")
    if not isinstance(metadata, dict):
        raise ProviderChangedError(NAME, Message("piece_item_metadata", item=identifier))
    is_collection = fields.flag(answer.get("is_collection"))
    if is_collection or fields.text(metadata.get("mediatype")) == "collection":
        return ArchiveItem(
            identifier=identifier, title=identifier, unavailable=Message("item_is_collection")
        )
    if not isinstance(files, list):
        raise ProviderChangedError(NAME, Message("piece_item_files", item=identifier))
    own_name = fields.text(metadata.get("identifier")) or identifier
    is_restricted = fields.flag(metadata.get("access-restricted-item"))
    return ArchiveItem(
        identifier=own_name,
        title=" ".join(fields.text(metadata.get("title")).split()) or own_name,
        description=fields.plain(metadata.get("description")),
        year=fields.year(metadata.get("year"), metadata.get("date")),
        subjects=fields.subjects(metadata.get("subject")),
        languages=fields.languages(metadata.get("language")),
        files=tuple(_file(entry) for entry in files if isinstance(entry, dict) and _is_safe(entry)),
        restricted=Message("item_lent") if is_restricted else "",
    )


def _file(entry: Mapping[str, Any]) -> ArchiveFile:
    is_original = fields.text(entry.get("source")) == "original"
    return ArchiveFile(
        name=fields.text(entry.get("name")),
        parent="" if is_original else fields.text(entry.get("original")),
        format=fields.text(entry.get("format")),
        title=fields.text(entry.get("title")),
        size=fields.whole(entry.get("size")) or None,
        checksum=_checksum(entry),
        duration=fields.seconds(entry.get("length")),
        height=fields.whole(entry.get("height")) or None,
        private=fields.flag(entry.get("private")),
    )


def _is_safe(entry: Mapping[str, Any]) -> bool:
    """Return whether a link made of the name stays below the item."""
    name = fields.text(entry.get("name"))
    return bool(name) and not {"", ".", ".."} & set(name.split("/"))


def _checksum(entry: Mapping[str, Any]) -> Checksum | None:
    for algorithm, length in _DIGESTS:
        digest = fields.text(entry.get(algorithm)).lower()
        if len(digest) == length and _HEX.fullmatch(digest):
            return Checksum(algorithm, digest)
    return None
