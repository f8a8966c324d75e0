"""M7: schemathesis asks every operation: no server error and no deviation from the description."""

import asyncio
import os
import re
import sys
from typing import Final

from proof import ROOT
from proof.figure import Control, Edit, Figure, Run

_SUMMARY: Final = re.compile(r"fuzzing as (.+): (\d+) operations, (\d+) cases, (\d+) failures")
#: Failures that schemathesis explains in its output.
_SHOWN: Final = 3000


async def _prove(run: Run) -> None:
    """Ask as every caller, for each seed."""
    examples = run.pick(control=1, gate=8, full=1000)
    for seed in range(run.seed, run.seed + run.pick(control=1, gate=1, full=3)):
        options = ["--examples", str(examples), "--seed", str(seed)]
        options += run.pick(control=["--role", "stranger"], gate=[], full=[])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "tests/e2e/fuzz_api.py"), *options),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = (await process.communicate())[0].decode(errors="replace")
        found = _SUMMARY.findall(output)
        for who, _, cases, failures in found:
            run.check(
                ok=failures == "0",
                failure=f"{who}: {failures} failures; {output[-_SHOWN:]}",
                cases=int(cases),
            )
        run.measured["operations"] = max((int(count) for _, count, _, _ in found), default=0)
        if process.returncode not in {0, 1} or not found:
            if "schemathesis is missing" in output:
                run.skipped = "schemathesis is not installed: uv run --group fuzz python -m proof"
                return
            raise RuntimeError(output[-_SHOWN:])


_HEALTH: Final = "packages/aniworld-http/src/aniworld_http/routes/health.py"
_LIVE: Final = "async def live(_request: web.Request) -> web.Response:\n"

FIGURE: Final = Figure(
    name="M7",
    title="API as described, no server error",
    prove=_prove,
    controls=(
        Control(
            "an operation that breaks",
            (Edit(_HEALTH, _LIVE, f'{_LIVE}    raise OSError("planted")\n'),),
        ),
    ),
)
