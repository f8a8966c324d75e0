"""What most tests of the providers have in common: their films are short."""

import pytest

from aniworld_providers.transfer.segments import fetcher


@pytest.fixture(autouse=True)
def no_spare_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no muxer that every film of a few seconds would end again unused."""
    monkeypatch.setattr(fetcher, "start_spare_process", lambda _duration: None)
