"""Versions of remote files: read from a ledger, compared with a response."""

import pytest

from aniworld_providers.transfer.disk.file_version import FileVersion
from aniworld_providers.transfer.disk.ledger import Entry

VERSION = FileVersion(size=1000, etag='"x"', modified="Mon, 02 Mar 2026 10:00:00 GMT")


@pytest.mark.parametrize(
    "version",
    [
        VERSION,
        FileVersion(size=None),
        FileVersion(size=0, etag='"x"'),
        FileVersion(size=5, modified="today"),
    ],
)
def test_a_version_is_read_back_from_its_entry(version: FileVersion) -> None:
    """Unknown values stay unknown."""
    assert FileVersion.from_entry(version.to_entry()) == version


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "segments"},
        {"kind": None},
        {"size": "1000"},
        {"size": 1.5},
        {"etag": 5},
        {"modified": 5},
        {"etag": 5, "modified": 5},
        {"etag": '"x"\r\nX-Other: 1'},
        {"modified": "today\n"},
        {"etag": "\x1f"},
    ],
)
def test_entries_that_no_version_wrote_have_none(changes: Entry) -> None:
    """A value of another type or with a control character is not used in a request."""
    assert FileVersion.from_entry({**VERSION.to_entry(), **changes}) is None


@pytest.mark.parametrize(
    ("version", "validator"),
    [
        (VERSION, VERSION.etag),
        (FileVersion(size=1, modified="today"), "today"),
        (FileVersion(size=1, etag='"x"'), '"x"'),
        (FileVersion(size=1), None),
    ],
)
def test_the_entity_tag_is_the_stronger_validator(
    version: FileVersion, validator: str | None
) -> None:
    """The time of the last change is used without one."""
    assert version.validator == validator


@pytest.mark.parametrize(
    ("other", "contradicts", "confirms"),
    [
        (VERSION, False, True),
        (FileVersion(size=1001, etag=VERSION.etag, modified=VERSION.modified), True, False),
        (FileVersion(size=1000, etag='"y"', modified=VERSION.modified), True, False),
        (FileVersion(size=1000, etag=VERSION.etag, modified="yesterday"), True, False),
        (FileVersion(size=None, etag=VERSION.etag, modified=VERSION.modified), False, False),
        (FileVersion(size=1000, modified=VERSION.modified), False, False),
        (FileVersion(size=1000), False, False),
        (FileVersion(size=None), False, False),
    ],
)
def test_versions_contradict_each_other_in_known_values_only(
    other: FileVersion, contradicts: bool, confirms: bool
) -> None:
    """A missing value contradicts nothing, and confirms nothing either."""
    assert VERSION.contradicts(other) == contradicts
    assert other.contradicts(VERSION) == contradicts
    assert VERSION.confirms(other) == confirms


def test_a_size_alone_confirms_nothing() -> None:
    """Another file may have the same size."""
    assert not FileVersion(size=1000).confirms(FileVersion(size=1000))
