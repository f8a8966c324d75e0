"""M9: no secret in logs, responses and files of others, at log level DEBUG."""

import json
import re
from typing import Final

from proof.figure import Control, Edit, Figure, Run
from support.secret_canaries import use_with_secrets


async def _prove(run: Run) -> None:
    """Use a server with secrets and search everything that it wrote and answered."""
    for number in range(run.pick(control=1, gate=1, full=5)):
        folder = run.folder / str(number)
        folder.mkdir()
        use = await use_with_secrets(folder)
        talks = len(use.written) > 5000 and len(use.answers) > 20
        run.check(ok=talks, failure="the server said too little", cases=0)
        run.check(ok=not use.logged, failure=f"in the log: {use.logged}", cases=len(use.secrets))
        run.check(ok=not use.told, failure=f"in responses: {use.told}", cases=len(use.secrets))
        run.check(ok=not use.readable, failure=f"not private: {use.readable}", cases=len(use.modes))
        lines = use.written.splitlines()
        forged = [line for line in lines if not re.match(r"\{.*\}$", line) or not _is_record(line)]
        run.check(ok=not forged, failure=f"forged log lines: {forged[:3]}", cases=len(lines))


def _is_record(line: str) -> bool:
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return isinstance(record, dict) and "event" in record and record.get("level") != "forged"


_LOG: Final = "packages/aniworld-http/src/aniworld_http/middlewares/access_log.py"

FIGURE: Final = Figure(
    name="M9",
    title="no secrets in logs, responses and files",
    prove=_prove,
    controls=(
        Control(
            "log the query of each request",
            (
                Edit(
                    _LOG,
                    "            logged_path(request),\n",
                    "            str(request.rel_url),\n",
                ),
            ),
        ),
    ),
)
