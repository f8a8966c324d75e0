"""Logs contain no secrets and no forged lines, and files are private to their owner."""

import json
import os
from pathlib import Path

import pytest

from support.secret_canaries import use_with_secrets


@pytest.mark.anyio
async def test_nothing_secret_is_written_or_told(tmp_path: Path) -> None:
    """Even at log level DEBUG, no log or response has a secret, and files are private."""
    use = await use_with_secrets(tmp_path)

    assert len(use.written) > 5000, "it talked"
    assert use.logged == set()
    assert use.told == set()
    records = [json.loads(each) for each in use.written.splitlines()]
    assert all(isinstance(each, dict) and "event" in each for each in records)
    assert not {"forged"} & {each["level"] for each in records}
    assert not {"\x1b", "\u2028"} & set(use.written)
    assert use.readable == {}
    assert {"config.json", "aniworld.db"} <= {Path(name).name for name in use.modes}
    if os.geteuid() == 0:
        assert any("running as root" in each["event"] for each in records)
