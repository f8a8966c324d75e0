"""Installed providers and the result of their last request."""

from pathlib import Path

import pytest

from aniworld_core.application.catalogue import InstalledProvider
from aniworld_core.errors import AniworldError, NeedsPersonError, ProviderChangedError
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


async def _after(stage: Stage, error: AniworldError | None) -> InstalledProvider:
    """Search, then return the survey entry of the catalogue without another request."""
    stage.loader.error = error
    if error is None:
        await stage.app.catalogue.search("x")
    else:
        with pytest.raises(type(error)):
            await stage.app.catalogue.search("x")
    asked = len(stage.loader.calls)
    found = await stage.app.providers.survey()
    assert len(stage.loader.calls) == asked
    return next(p for p in found if p.kind == "catalogue" and p.name == "fake")


async def test_how_a_catalogue_answered_last_is_told(tmp_path: Path) -> None:
    """A bot check shows its page, a changed page its missing part, a success neither."""
    async with open_stage(tmp_path) as stage:
        blocked = await _after(stage, NeedsPersonError("fake", "https://fake.invalid/check"))
        changed = await _after(stage, ProviderChangedError("fake", "the list of seasons"))
        well = await _after(stage, None)

    assert (blocked.status, blocked.link) == ("needs_person", "https://fake.invalid/check")
    assert changed.status == "provider_changed"
    assert "the list of seasons" in changed.detail
    assert (well.status, well.link) == ("ok", None)
