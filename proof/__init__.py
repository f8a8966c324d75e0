"""Proof of the reliability and security figures M1 to M16 (see `docs/reliability.md`).

    python -m proof                  the gate: small sizes, for each change
    python -m proof --full           all figures at full size, which takes hours
    python -m proof --only M4        one figure; may be repeated
    python -m proof --controls       sabotage the code, and expect each figure to fail

The drivers use the test support of the workspace (`tests/`), so they run in a checkout.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
if (tests := str(ROOT / "tests")) not in sys.path:
    sys.path.insert(1, tests)
