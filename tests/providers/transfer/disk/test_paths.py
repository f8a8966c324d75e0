"""Names of unfinished files beside their destination."""

import hashlib
import os
from pathlib import Path

import pytest

from aniworld_providers.transfer.disk.paths import part_paths


@pytest.mark.parametrize("name", ["a.mp4", "x" * 241, "ä" * 120])
def test_a_name_that_leaves_room_is_kept(name: str) -> None:
    """The part and its ledger have the name of the file and an ending."""
    paths = part_paths(Path("/films") / name)

    assert paths.part == Path(f"/films/{name}.part")
    assert paths.ledger == Path(f"/films/{name}.part.ledger")


@pytest.mark.parametrize("name", ["x" * 242, "ä" * 121, "x" * 255])
def test_a_long_name_is_cut_and_marked(name: str) -> None:
    """The digest of the whole name distinguishes it; every name beside it fits in 255 bytes."""
    part = part_paths(Path("/films") / name).part.name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]

    begin, _, end = part.partition("~")
    assert name.startswith(begin)
    assert end == f"{mark}.part"
    assert 250 <= len(os.fsencode(f"{part}.segments")) <= 255
