"""Access control of all operations; `test_route_walk` tries every forgery."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from aniworld_core.domain.access import Scope, TokenClaims
from aniworld_core.domain.identity import SessionId
from aniworld_http.operations import Operation
from aniworld_http.routes import TABLE
from aniworld_http.security import JwtCodec
from support.http_stage import FREELY, KEY, open_server

pytestmark = pytest.mark.anyio

#: Their restrictions have another reason: the owner of a key or session.
UNTRIED = {"removeKey", "signOut", "chooseLanguage", "endSession", "endOtherSessions"}
CLOSED = [operation for operation in TABLE if not operation.policy.is_public]


def _path(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", template)


async def test_no_closed_route_answers_without_a_token(tmp_path: Path) -> None:
    """Every operation that is not public gets 401, and so does an unknown path of the API."""
    async with open_server(tmp_path, limits=FREELY) as server:
        answers = {
            f"{operation.method} {operation.path}": await server.json(
                operation.method, _path(operation.path), {}, token=""
            )
            for operation in CLOSED
        }
        unknown = await server.call("GET", "/api/nothing", token="")
        elsewhere = await server.call("GET", "/nothing", token="")

    assert {name for name, (status, _) in answers.items() if status != 401} == set()
    assert (unknown.status, elsewhere.status) == (401, 404)


async def test_public_paths_list_their_methods(tmp_path: Path) -> None:
    """A public path gets 405 with `Allow` for an unknown method, a closed path 401."""
    async with open_server(tmp_path) as server:
        public = await server.call("TRACE", "/api/auth/status", token="")
        closed = await server.call("TRACE", "/api/config", token="")

    assert (public.status, public.headers["Allow"]) == (405, "GET,HEAD,OPTIONS")
    assert closed.status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic bWFzdGVyOm1hc3Rlcg=="},
        {"Authorization": "Bearer"},
        {"Authorization": "bearer  "},
        {"X-Api-Key": "aw_nobody"},
        {"X-Api-Key": ""},
        {"Cookie": "access_token=x"},
    ],
)
async def test_other_credentials_are_refused(tmp_path: Path, headers: Mapping[str, str]) -> None:
    """Other schemes, cookies and empty keys get 401."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", "/api/config", headers=headers, token="")

    assert response.status == 401


async def test_a_token_in_the_query_is_ignored(tmp_path: Path) -> None:
    """Queries end up in logs and browser histories."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", f"/api/config?token={server.token}", token="")

    assert response.status == 401


async def test_keys_are_limited_to_their_scope(tmp_path: Path) -> None:
    """The scope read allows reading, control also changes, and admin everything."""
    async with open_server(tmp_path, limits=FREELY) as server:
        keys = {}
        for scope in Scope:
            _, made = await server.json("POST", "/api/auth/keys", {"name": scope, "scope": scope})
            keys[scope] = made["key"]
        refused = {scope: set[str]() for scope in Scope}
        for scope, key in keys.items():
            for operation in CLOSED:
                if operation.id in UNTRIED:
                    continue
                _, problem = await server.json(
                    operation.method,
                    _path(operation.path),
                    {},
                    headers={"X-Api-Key": key},
                    token="",
                )
                if isinstance(problem, dict) and problem.get("kind") == "restricted":
                    refused[scope].add(operation.id)

    needed = {o.id: o.scope for o in CLOSED if o.id not in UNTRIED}
    assert refused == {
        scope: {name for name, need in needed.items() if not scope.includes(need)}
        for scope in Scope
    }
    assert all(o.scope is not Scope.READ or o.method == "GET" for o in CLOSED if o.id != "signOut")


#: What each scope allows, written down apart from the operations: a route that moves is noticed.
SCOPES: dict[Scope, frozenset[str]] = {
    Scope.CALENDAR: frozenset({"getCalendarFeed"}),
    Scope.READ: frozenset(
        (
            *("getInstallation", "getJob", "getStatistics", "listJobs", "listTasks", "listWanted"),
            *(
                "browseAnime",
                "browseAnimeReport",
                "getAnime",
                "getAnimeTotals",
                "getConfig",
                "getCover",
            ),
            *("browseAnimeReport", "getBanner", "getDetailedHealth"),
            *("getHitCover", "getMetrics", "getQueueStatus", "getQueueSummary", "getScan"),
            *("getSchedule", "getSchedulerStatus", "listAnime", "listItems", "listProviders"),
            *(
                "listAdoptableFolders",
                "getAttention",
                "listLibraryFiles",
                "listLosses",
                "listProblems",
                "listSettings",
                "listUpgrades",
            ),
            *(
                "getCalendar",
                "getEntries",
                "getChange",
                "listChanges",
                "exportFeeds",
                "listRelated",
                "listHistory",
                "getMedia",
                "getPlayback",
                "getPlaylist",
                "getSubtitle",
                "getOneself",
                "listSeriesInQueue",
                "listRestingCatalogues",
                "getLibraryFolder",
                "listMediaServers",
            ),
            "signOut",
        )
    ),
    Scope.REQUEST: frozenset(
        (
            *("addAnime", "addToQueue", "previewAnime", "previewList", "retryItems"),
            *("searchAnime", "searchAnimeReport"),
        )
    ),
    Scope.CONTROL: frozenset(
        (
            *("cancelJob", "estimateJob", "runTask", "startJob", "undoJob"),
            *("acceptLoss", "adoptFolders", "applyRename", "applySidecars", "planRename"),
            *(
                "inspectFiles",
                "leaveMissing",
                "pinFile",
                "planSidecars",
                *("deleteFile", "queueUpgrades"),
                "setWanted",
                "undoChange",
            ),
            *("cancelScan", "changeAnime", "pauseQueue", "importFeeds", "listFeedLinks"),
            *("previewNames", "removeAnime", "removeCompleted", "removeFailed", "removeItem"),
            *("removePending",),
            *(
                "removeItems",
                "reorderItems",
                "resumeQueue",
            ),
            "tryRestingCatalogues",
            *("startQueue", "identifyAnime", "startScan", "stopQueue", "triggerRescan"),
        )
    ),
}


@pytest.mark.parametrize("operation", CLOSED, ids=lambda operation: operation.id)
def test_every_route_needs_its_scope(operation: Operation) -> None:
    """Operations that are not listed for reading or control need the scope admin."""
    expected = next((s for s, names in SCOPES.items() if operation.id in names), Scope.ADMIN)
    assert operation.scope is expected


async def test_a_removed_key_is_invalid_at_once(tmp_path: Path) -> None:
    """The cache of callers does not keep a removed key valid."""
    async with open_server(tmp_path) as server:
        _, made = await server.json("POST", "/api/auth/keys", {"name": "n", "scope": "read"})
        key = {"X-Api-Key": made["key"]}
        before = await server.call("GET", "/api/config", headers=key, token="")
        await server.call("DELETE", f"/api/auth/keys/{made['id']}")
        after = await server.call("GET", "/api/config", headers=key, token="")

    assert (before.status, after.status) == (200, 401)


async def test_a_token_expires(tmp_path: Path) -> None:
    """The cache of callers does not keep an expired token valid."""
    async with open_server(tmp_path) as server:
        before = await server.call("GET", "/api/config")
        server.stage.clock.advance(timedelta(hours=13))
        after = await server.call("GET", "/api/config")

    assert (before.status, after.status) == (200, 401)


async def test_a_signature_without_a_session_is_refused(tmp_path: Path) -> None:
    """Knowing the signing key is not enough: the session must be in the database."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    claims = TokenClaims(
        session_id=SessionId("f" * 32),
        user="master",
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    async with open_server(tmp_path) as server:
        token = JwtCodec(KEY).encode(claims)
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        response = await server.call("GET", "/api/config", token=token)

    assert response.status == 401
