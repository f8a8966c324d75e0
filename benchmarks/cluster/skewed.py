"""The command on a machine whose clock is five minutes ahead: `skewed.py worker ...`."""

import sys
import time
from datetime import timedelta

from aniworld_core.adapters.system_clock import SystemClock

AHEAD = timedelta(minutes=5)
_now, _time = SystemClock.now, time.time

SystemClock.now = lambda self: _now(self) + AHEAD
time.time = lambda: _time() + AHEAD.total_seconds()

from aniworld_cli.__main__ import main  # noqa: E402 - after the clock

sys.argv[0] = "aniworld"
sys.exit(main())
