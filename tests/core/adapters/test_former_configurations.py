"""A configuration file that a former version wrote is read with every value in it.

`former_config/NN.json` was written by the last version with the settings of schema NN, through its
own store, with values that differ from the defaults.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.application.configuration import document_from_config
from aniworld_core.domain.configuration import Config
from aniworld_core.testing.factories import START

pytestmark = pytest.mark.anyio

FORMER = sorted((Path(__file__).parent / "former_config").glob("*.json"))
#: Settings that the present version no longer has.
RETIRED = {
    "/library/check_durations",
    "/providers/archive/layout",
    "/providers/index/layout",
}


def values(document: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """Yield the pointer and value of every setting of a document."""
    if isinstance(document, dict) and document:
        for name, value in document.items():
            yield from values(value, f"{pointer}/{name}")
    else:
        yield pointer, document


def settings(document: object) -> dict[str, object]:
    """Return the settings of a document; those of catalogues are free and count as one."""
    return {
        pointer: value
        for pointer, value in values(document)
        if not pointer.startswith("/providers")
    }


@pytest.mark.parametrize("path", FORMER, ids=[path.stem for path in FORMER])
async def test_a_former_file_keeps_every_value(path: Path, tmp_path: Path) -> None:
    """Each value is in force, or kept as unknown, and still in the file after a change."""
    former = json.loads(path.read_text("utf-8"))
    copy = tmp_path / "config.json"
    copy.write_bytes(path.read_bytes())
    store = JsonConfigStore(copy)

    config = await store.load()
    in_force = settings(document_from_config(attrs.evolve(config, unknown={})))
    await store.save(attrs.evolve(config, name="Changed"), at=START)
    written = dict(values(json.loads(copy.read_text("utf-8"))))

    assert set(config.unknown) <= RETIRED
    for pointer, value in settings(former).items():
        assert in_force.get(pointer, config.unknown.get(pointer)) == value, pointer
    expected = dict(values(former)) | {"/name": "Changed"}
    assert {pointer: written.get(pointer) for pointer in expected} == expected


def test_the_newest_file_has_every_setting() -> None:
    """A new setting needs a further file: the newest one with another value of the setting."""
    newest = settings(json.loads(FORMER[-1].read_text("utf-8")))
    present = settings(document_from_config(Config()))

    assert set(present) - set(newest) == set()


def test_the_files_differ_from_the_defaults() -> None:
    """Every setting has another value than its default in the newest file, so none can be lost."""
    newest = settings(json.loads(FORMER[-1].read_text("utf-8")))
    present = settings(document_from_config(Config()))

    same = {pointer for pointer, value in present.items() if newest[pointer] == value}
    assert same == set()
