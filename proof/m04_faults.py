"""M4: every fault of a server, a link or a disk ends as the fault table says."""

import asyncio
import itertools
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from proof.figure import Control, Edit, Figure, Run, Size
from proof.memory import resident_mib
from providers.faults.conditions import Conditions, trust, under
from providers.faults.judging import Case, Ending, judge
from providers.faults.matrix import CASES
from support.certificates import write_certificate

_AT_ONCE: Final = 6
#: Time limits of transfers are this much longer than in the tests, which run one at a time.
_PATIENCE: Final = 4.0
#: Seconds after which a transfer counts as one that never ends. By far the longest case, a body
#: without an end, takes half of it on a busy machine.
_HANGS: Final = 150.0
_GROWTH_MIB: Final = 50
#: Rows that the sabotages concern.
_SABOTAGED: Final = {"F7", "F11"}


async def _prove(run: Run) -> None:
    """Play the whole table; each case under one of four conditions, or under all of them."""
    pem = write_certificate(run.folder, "127.0.0.1")
    trust(pem)
    conditions = [
        Conditions(seed, certificate=certificate, connections=connections, patience=_PATIENCE)
        for seed in range(run.seed, run.seed + run.pick(control=1, gate=1, full=3))
        for certificate, connections in itertools.product((None, pem), (None, 8))
    ]
    cases = [case for case in CASES if run.size is not Size.CONTROL or case.row in _SABOTAGED]
    chance = random.Random(run.seed)
    # Together, all seeds and conditions; in the gate each case is played once.
    pairs = [
        (case, one)
        for case in cases
        for one in (conditions if run.size is Size.FULL else [chance.choice(conditions)])
    ]
    chance.shuffle(pairs)
    endings, free = Counter[Ending](), asyncio.Semaphore(_AT_ONCE)
    warm: list[float] = []
    # Closed connections make the servers of the cases talk; only the verdicts count.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    async with asyncio.TaskGroup() as tasks:
        for case, one in pairs:
            await free.acquire()
            task = tasks.create_task(_play(run, case, one, endings))
            task.add_done_callback(lambda _: free.release())
            if run.n >= len(CASES) // 4 and not warm:
                warm.append(resident_mib())
    growth = resident_mib() - warm[0] if warm else 0.0
    run.measured |= {each.value: endings[each] for each in Ending}
    run.measured |= {"growth_mib": round(growth), "tls": sum(bool(c.certificate) for _, c in pairs)}
    if warm:
        run.check(ok=growth < _GROWTH_MIB, failure=f"memory grew by {growth:.0f} MiB", cases=0)


async def _play(run: Run, case: Case, one: Conditions, endings: Counter[Ending]) -> None:
    with tempfile.TemporaryDirectory(dir=run.folder) as folder, under(one):
        found = await judge(case, Path(folder), run.pick(control=60.0, gate=_HANGS, full=_HANGS))
    endings[found.ending] += 1
    how = f"{'TLS, ' if one.certificate else ''}{one.connections or 'usual'} connections"
    wanted = case.error.__name__ if case.error else "the right film"
    failure = f"{case} (seed {one.seed}, {how}): {found.ending.value} {found.words[:300]}"
    run.check(ok=found.fits(case), failure=f"{failure}; must be: {wanted}")


_VERIFY: Final = "packages/aniworld-providers/src/aniworld_providers/transfer/disk/verify.py"
_TIMEOUTS: Final = "packages/aniworld-providers/src/aniworld_providers/network/bytes/timeouts.py"
_RESPONSE: Final = "packages/aniworld-providers/src/aniworld_providers/network/bytes/response.py"

FIGURE: Final = Figure(
    name="M4",
    title="fault matrix: right film or typed error",
    prove=_prove,
    controls=(
        Control(
            "without the length check",
            (Edit(_VERIFY, "    whole = structure.is_whole\n", "    whole = None\n"),),
        ),
        Control(
            "without the watchdog",
            (
                Edit(_TIMEOUTS, "if self._silent >= self._timeouts.read:", "if self._silent < 0:"),
                Edit(_TIMEOUTS, "if self._waited < self._timeouts.floor_seconds:", "if not None:"),
            ),
        ),
    ),
)
