"""Every setting changes what a running program does, at once."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from aniworld_core.application.configuration import all_settings
from aniworld_core.bootstrap.plugins import declared_settings
from support.live_settings import PROBES

pytestmark = pytest.mark.anyio

ALL: Final = tuple(all_settings(declared_settings()))
#: Settings that a process reads when it starts.
AT_START: Final = {"data_dir"}


def document(path: str, value: object) -> dict[str, object]:
    """Return a document with the value of a setting."""
    for name in reversed(path.split(".")):
        value = {name: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("name", PROBES)
async def test_a_change_has_an_effect_at_once(tmp_path: Path, name: str) -> None:
    """The program does one thing with a value, and another with the next, without a restart."""
    probe = PROBES[name]
    assert probe.seen[0] != probe.seen[1]
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(probe.open(tmp_path))
        if probe.beside is not None:
            await stack.enter_async_context(probe.beside(world))
        given: Mapping[str, object] = probe.given(world) if callable(probe.given) else probe.given
        if given:
            await world.change(given)
        values = probe.values(world) if callable(probe.values) else probe.values
        found = []
        for value in values:
            await world.change(document(probe.path or name, probe.wrap(world, value)))
            found.append(await probe.observe(world))
    assert tuple(found) == probe.seen


def test_every_setting_has_a_probe() -> None:
    """A new setting needs one, unless only the program changes it or it is read at the start."""
    changed = {each.name for each in ALL if not each.description.is_internal}
    assert changed - AT_START == set(PROBES)


def test_what_is_read_at_the_start_says_so() -> None:
    """The page shows such a setting with the sentence that a restart is needed."""
    assert {each.name for each in ALL if each.description.is_fixed} == AT_START
