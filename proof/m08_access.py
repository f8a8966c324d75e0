"""M8: no route accepts a forged token or a key of too small a scope; ended sessions are dead."""

import time
from typing import Final

import anyio

from proof.figure import Control, Edit, Figure, Run, Size
from route_walk import closed_routes, open_walked
from support.forgeries import attempts
from support.socket_stage import open_sockets

#: Seconds until an ended session must be refused everywhere.
_PROMISED: Final = 1.0


async def _prove(run: Run) -> None:
    """Walk all routes with all forgeries, knock at the WebSocket, and end sessions."""
    async with open_walked(run.folder) as walked:
        routes, ways = closed_routes(walked.server.app), attempts(walked.spoils)
        walks = [await walked.knock()]
        if run.size is Size.CONTROL:
            routes = routes[:3]
        walks.append(await walked.walk(routes, ways))
    for walk in walks:
        run.check(ok=not walk.complaints, failure=walk.complaints[:5], cases=walk.requests)
    run.measured |= {"routes": len(routes), "forgeries": len(ways)}
    slowest = 0.0
    for number in range(run.pick(control=1, gate=2, full=17)):
        folder = run.folder / f"sessions-{number}"
        folder.mkdir()
        # A server refuses further sign-ins for a minute, so each one is used for three.
        async with open_sockets(folder) as server:
            for _ in range(3):
                token = await server.sign_in()
                listener = await server.listen("downloads", token=token)
                await server.json("POST", "/api/auth/logout", token=token)
                began = time.monotonic()
                status, _ = await server.json("GET", "/api/queue/summary", token=token)
                code = None
                with anyio.move_on_after(10 * _PROMISED):
                    code = await listener.close_code()
                slowest = max(slowest, time.monotonic() - began)
                told = f"an ended session gets {status}, its socket closes with {code}"
                run.check(ok=(status, code) == (401, 4401), failure=told)
    late = f"an ended session lived for {slowest:.2f} s"
    run.check(ok=slowest <= _PROMISED, failure=late, cases=0)
    run.measured["session_ended_ms"] = round(slowest * 1000)


_AUTHENTICATOR: Final = (
    "packages/aniworld-core/src/aniworld_core/application/access/authenticator.py"
)

FIGURE: Final = Figure(
    name="M8",
    title="401 everywhere: forged tokens, scopes, ended sessions",
    prove=_prove,
    controls=(
        Control(
            "without the check whether the session was ended",
            (
                Edit(
                    _AUTHENTICATOR,
                    "        if session.revoked_at is not None:",
                    "        if session is None:",
                ),
            ),
        ),
    ),
)
