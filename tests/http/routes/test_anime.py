"""The library over REST: lists, one series, search, adding, changing, removing, scans."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import NeedsPersonError, ProviderUnavailableError
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.http_library import FOLDER, KEY, LINK, open_library, other, titan
from support.http_stage import Server, open_server

pytestmark = pytest.mark.anyio


def pointers(problem: dict[str, object]) -> list[str]:
    """Return the pointers of a problem document."""
    errors = problem["errors"]
    assert isinstance(errors, list)
    return [error["pointer"] for error in errors]


async def scanned(server: Server) -> dict[str, object]:
    """Wait for the end of a scan and return its state."""
    with anyio.fail_after(PATIENCE):
        while server.stage.app.scans.state.status == "running":
            await anyio.sleep(0.001)
    status, state = await server.json("GET", "/api/anime/scan")
    assert status == 200
    return dict(state)


async def test_the_list_has_the_documented_fields(tmp_path: Path) -> None:
    """Each series has its missing episodes by season."""
    async with open_library(tmp_path, titan()) as server:
        response = await server.call("GET", "/api/anime")
        (row,) = await response.json()
    assert response.status == 200
    assert response.headers["X-Total-Count"] == "1"
    documented = {"key": KEY, "name": "Attack on Titan", "site": "fake.invalid", "link": LINK}
    assert row == row | documented
    assert row["folder"] == FOLDER
    assert row["missing_episodes"] == {"0": [1], "1": [1, 2], "2": [1]}
    assert (row["have"], row["total"], row["monitored"]) == (0, 4, True)


async def test_the_list_filters_searches_sorts_and_pages(tmp_path: Path) -> None:
    """`X-Total-Count` is the number of all matches."""
    series = [other(f"show-{n}", f"Show {n}") for n in range(5)]
    async with open_library(tmp_path, titan(), *series) as server:
        for ref in (series[0].ref(e) for e in series[0].episodes):
            await server.stage.storage.series.mark_downloaded(ref, "Show 0/x.mkv", None)

        async def names(query: str) -> tuple[list[str], str]:
            response = await server.call("GET", f"/api/anime?{query}")
            assert response.status == 200
            rows = await response.json()
            return [row["name"] for row in rows], response.headers["X-Total-Count"]

        assert await names("filter=complete") == (["Show 0"], "1")
        assert (await names("filter=missing"))[1] == "5"
        assert await names("search=titan") == (["Attack on Titan"], "1")
        assert (await names("sort=missing&limit=1"))[0] == ["Attack on Titan"]
        assert await names("limit=2&offset=1") == (["Show 0", "Show 1"], "6")
        assert await names("offset=99") == ([], "6")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("filter=some", "/filter"),
        ("limit=0", "/limit"),
        ("offset=-1", "/offset"),
        ("sort=x", "/sort"),
    ],
)
async def test_a_bad_query_is_named(tmp_path: Path, query: str, pointer: str) -> None:
    """A parameter out of range gets 422 with its name."""
    async with open_library(tmp_path) as server:
        status, problem = await server.json("GET", f"/api/anime?{query}")
    assert (status, pointers(problem)) == (422, [pointer])


async def test_an_unchanged_list_is_not_sent_again(tmp_path: Path) -> None:
    """A request with the tag gets 304 until something changes."""
    async with open_library(tmp_path, titan(), offered=[other("bleach", "Bleach")]) as server:
        tag = (await server.call("GET", "/api/anime")).headers["ETag"]
        again = await server.call("GET", "/api/anime", headers={"If-None-Match": tag})
        await server.stage.app.catalogue.add("https://fake.invalid/bleach")
        changed = await server.call("GET", "/api/anime", headers={"If-None-Match": tag})
    assert (again.status, changed.status) == (304, 200)
    assert again.headers["X-Total-Count"] == "1"


async def test_one_series_is_shown_by_key(tmp_path: Path) -> None:
    """The response has every episode, and no `Deprecation` header."""
    async with open_library(tmp_path, titan()) as server:
        response = await server.call("GET", f"/api/anime/{KEY}")
        body = await response.json()
    assert response.status == 200
    assert "Deprecation" not in response.headers
    assert (body["key"], body["title"], body["folder"]) == (KEY, "Attack on Titan", FOLDER)
    assert body["description"] == "Giants and walls."
    first = next(e for e in body["episodes"] if (e["season"], e["episode"]) == (1, 1))
    assert first["title"] == "An dich, in 2000 Jahren"
    assert first["titles"] == {"de": "An dich, in 2000 Jahren", "en": "To You"}
    assert (first["downloaded"], first["file"], first["languages"]) == (False, None, None)
    announced = next(e for e in body["episodes"] if (e["season"], e["episode"]) == (1, 3))
    assert announced["available"] is False
    assert body["missing_episodes"] == {"0": [1], "1": [1, 2], "2": [1]}


async def test_a_folder_still_finds_a_series_with_a_warning(tmp_path: Path) -> None:
    """The response has a `Deprecation` header and a link to use instead."""
    async with open_library(tmp_path, titan()) as server:
        response = await server.call("GET", f"/api/anime/{FOLDER}")
        body = await response.json()
    assert (response.status, body["key"]) == (200, KEY)
    assert response.headers["Deprecation"].startswith("@")
    assert f"/api/anime/{KEY}>" in response.headers["Link"]


async def test_a_key_goes_before_a_folder(tmp_path: Path) -> None:
    """A folder that equals the key of another series does not hide that series."""
    async with open_library(tmp_path, titan(), other("bleach", "Bleach")) as server:
        await server.json("PATCH", f"/api/anime/{KEY}", {"folder": "bleach"})
        response = await server.call("GET", "/api/anime/bleach")
    # FolderTaken: names that differ by case only are one folder.
    assert (await response.json())["name"] == "Bleach"
    assert "Deprecation" not in response.headers


@pytest.mark.parametrize("name", ["nobody", "No Folder", "%2e%2e%2fx", "x" * 300])
async def test_an_unknown_series_is_404(tmp_path: Path, name: str) -> None:
    """The name is neither a key nor a folder of the library."""
    async with open_library(tmp_path, titan()) as server:
        status, problem = await server.json("GET", f"/api/anime/{name}")
    assert (status, problem["kind"]) == (404, "series_not_found")


async def test_a_search_marks_series_of_the_library(tmp_path: Path) -> None:
    """Hits have the documented fields."""
    async with open_library(tmp_path, titan(), offered=[other("titan-2", "Titan 2")]) as server:
        status, hits = await server.json("POST", "/api/anime/search", {"query": " titan "})
    assert status == 200
    assert [(hit["key"], hit["in_library"]) for hit in hits] == [(KEY, True), ("titan-2", False)]
    assert {"key", "name", "site", "link", "cover_url", "year", "in_library"} <= set(hits[0])


async def test_a_search_without_hits_is_empty(tmp_path: Path) -> None:
    """The status is 200 with an empty list."""
    async with open_library(tmp_path, titan()) as server:
        assert await server.json("POST", "/api/anime/search", {"query": "zzz"}) == (200, [])


async def test_a_search_report_names_silent_catalogues(tmp_path: Path) -> None:
    """Results of the others are there, and each has a reason with kind and values for the page."""
    down = FakeLoader(name="down", error=ProviderUnavailableError("down", "it is away"))
    up = FakeLoader([titan()], name="up")
    async with open_server(tmp_path, loaders=[down, up]) as server:
        status, report = await server.json("POST", "/api/anime/search/report", {"query": "titan"})
        nothing = await server.json("POST", "/api/anime/search/report", {"query": "zzz"})
        up.error = ProviderUnavailableError("up", "it is away")
        nobody = await server.json("POST", "/api/anime/search/report", {"query": "titan"})
    assert status == 200
    assert [hit["key"] for hit in report["hits"]] == [KEY]
    assert [each["provider"] for each in report["silent"]] == ["down"]
    assert report["silent"][0]["error"]["kind"] == "provider_unavailable"
    assert (nothing[0], nothing[1]["hits"], len(nothing[1]["silent"])) == (200, [], 1)
    assert (nobody[0], nobody[1]["hits"], len(nobody[1]["silent"])) == (200, [], 2)


async def test_a_bad_search_names_its_fields(tmp_path: Path) -> None:
    """Blank queries, unknown providers and unknown fields get 422."""
    async with open_library(tmp_path) as server:
        for body, pointer in (
            ({"query": "  "}, "/query"),
            ({}, "/query"),
            ({"query": "x", "provider": "nobody"}, "/provider"),
            ({"query": "x", "site": "y"}, "/site"),
            ({"query": 5}, "/query"),
        ):
            status, problem = await server.json("POST", "/api/anime/search", body)
            assert (status, pointers(problem)) == (422, [pointer]), body


async def test_failing_catalogues_decide_the_status(tmp_path: Path) -> None:
    """If all catalogues fail, the first error decides: 503, or 403 if a person is needed."""
    loader = FakeLoader(error=ProviderUnavailableError("fake.invalid", "it is down"))
    async with open_server(tmp_path, loaders=[loader]) as server:
        status, _ = await server.json("POST", "/api/anime/search", {"query": "x"})
        assert status == 503
        loader.error = NeedsPersonError("fake.invalid", "a bot check", "https://fake.invalid/")
        status, problem = await server.json("POST", "/api/anime/search", {"query": "x"})
        assert (status, problem["kind"]) == (503, "needs_person")
        assert "https://fake.invalid/" in str(problem)


async def test_adding_is_201_once_and_then_200(tmp_path: Path) -> None:
    """The key comes from the link; the second request creates nothing."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        body = {"link": f"{LINK}/staffel-1", "name": "Titans"}
        status, added = await server.json("POST", "/api/anime/add", body)
        assert (status, added["key"], added["name"], added["created"]) == (201, KEY, "Titans", True)
        assert len(added["episodes"]) == 5
        status, again = await server.json("POST", "/api/anime/add", {"link": LINK})
        assert (status, again["key"], again["created"]) == (200, KEY, False)
        status, again = await server.json("POST", "/api/anime/add", {"link": KEY})
        assert (status, again["created"]) == (200, False)


async def test_each_of_several_links_has_a_result(tmp_path: Path) -> None:
    """The report lists every link with its series or its error; one failure stops no other."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        links = ["not a link", LINK, "no-such-key", LINK]
        status, report = await server.json("POST", "/api/anime/add", {"links": links})
        assert status == 207
        results = report["results"]
        assert [(r["link"], r["status"]) for r in results] == list(
            zip(links, ["failed", "added", "failed", "known"], strict=True)
        )
        assert results[1]["anime"]["key"] == KEY
        assert [r["error"]["kind"] for r in (results[0], results[2])] == [
            "invalid_key",
            "series_not_found",
        ]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/link"]),
        ({"links": []}, ["/links"]),
        ({"links": [""]}, ["/links/0"]),
        ({"links": [LINK], "link": LINK, "name": "x"}, ["/link", "/name"]),
        ({"links": [LINK], "provider": "nobody"}, ["/provider"]),
        ({"links": [LINK] * 501}, ["/links"]),
    ],
)
async def test_a_bad_list_of_links_names_its_fields(
    tmp_path: Path, body: dict[str, object], pointers: list[str]
) -> None:
    """Either one link or several, with at most 500; a name is for one link only."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        status, problem = await server.json("POST", "/api/anime/add", body)
        assert (status, [e["pointer"] for e in problem["errors"]]) == (422, pointers)


async def test_a_bad_addition_names_its_field(tmp_path: Path) -> None:
    """An unsupported link, an unknown provider and a link of another provider get 422."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        for body, pointer in (
            ({"link": "https://elsewhere.invalid/x"}, "/link"),
            ({"link": "Not A Key"}, "/link"),
            ({"link": ""}, "/link"),
            ({}, "/link"),
            ({"link": LINK, "provider": "nobody"}, "/provider"),
            ({"link": LINK, "follow": "yes"}, "/follow"),
            ({"link": LINK, "folder": "x"}, "/folder"),
        ):
            status, problem = await server.json("POST", "/api/anime/add", body)
            assert (status, pointers(problem)) == (422, [pointer]), body
        status, problem = await server.json("POST", "/api/anime/add", {"link": "no-such-key"})
        assert (status, problem["kind"]) == (404, "series_not_found")
        assert await server.json("GET", "/api/anime") == (200, [])


async def test_a_moved_series_is_added_only_with_follow(tmp_path: Path) -> None:
    """A redirect to another key gets 409 with the new key, unless `follow` is true."""

    class Moving(FakeLoader):
        async def get_series(self, key: SeriesKey, ref: str = "") -> object:  # type: ignore[override]
            return await super().get_series(SeriesKey(KEY))

    async with open_server(tmp_path, loaders=[Moving(series=[titan()])]) as server:
        body: dict[str, object] = {"link": "https://fake.invalid/old-name"}
        status, problem = await server.json("POST", "/api/anime/add", body)
        assert (status, problem["kind"]) == (409, "series_moved")
        assert KEY in problem["detail"]
        assert await server.json("GET", "/api/anime") == (200, [])
        status, added = await server.json("POST", "/api/anime/add", {**body, "follow": True})
        assert (status, added["key"]) == (201, KEY)


async def test_the_settings_of_a_series_change(tmp_path: Path) -> None:
    """Given fields change, null restores the global setting, missing fields stay."""
    async with open_library(tmp_path, titan()) as server:
        path = f"/api/anime/{KEY}"
        changes = {"monitored": False, "languages": ["ger-sub", "de"], "quality": "720p"}
        status, body = await server.json("PATCH", path, changes)
        assert status == 200
        assert body["languages"] == ["ger-sub", "ger-dub"]
        assert (body["monitored"], body["quality"], body["folder"]) == (False, "720p", FOLDER)
        _, body = await server.json("PATCH", path, {"languages": None})
        assert (body["languages"], body["quality"], body["monitored"]) == (None, "720p", False)
        _, body = await server.json("PATCH", path, {"folder": "AoT"})
        assert body["folder"] == "AoT"
        assert (await server.json("PATCH", path, {}))[1] == body
        assert (await server.json("GET", path))[1] == body


async def test_a_bad_change_changes_nothing(tmp_path: Path) -> None:
    """Wrong values get 422; a folder can neither leave the library nor be used twice."""
    async with open_library(tmp_path, titan(), other("bleach", "Bleach")) as server:
        path = f"/api/anime/{KEY}"
        before = await server.json("GET", path)
        for body, wanted in (
            ({"quality": "999p"}, ["/quality"]),
            ({"languages": []}, ["/languages"]),
            ({"languages": ["ger-dub", "ger-dup"]}, ["/languages/1"]),
            ({"monitored": None}, ["/monitored"]),
            ({"monitored": 1, "quality": 5}, ["/monitored", "/quality"]),
            ({"folder": "../outside"}, ["/folder"]),
            ({"folder": "/etc"}, ["/folder"]),
            ({"folder": ".hidden"}, ["/folder"]),
            ({"folder": ""}, ["/folder"]),
            ({"folder": None}, ["/folder"]),
            ({"key": "x"}, ["/key"]),
        ):
            status, problem = await server.json("PATCH", path, body)
            assert (status, pointers(problem)) == (422, wanted), body
        status, problem = await server.json("PATCH", path, {"folder": "bleach"})
        assert (status, problem["kind"]) == (409, "folder_taken")
        assert await server.json("GET", path) == before
        assert (await server.json("PATCH", "/api/anime/nobody", {"monitored": True}))[0] == 404


async def test_a_removed_series_keeps_its_files(tmp_path: Path) -> None:
    """It leaves the list and the queue; its files stay."""
    async with open_library(tmp_path, titan()) as server:
        file = server.stage.library / FOLDER / "Season 01" / "x.mkv"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"precious")
        body = {"serie_id": KEY, "episodes": ["S01E01"]}
        assert (await server.json("POST", "/api/queue/add", body))[0] == 201
        assert (await server.json("DELETE", f"/api/anime/{KEY}"))[0] == 204
        assert await server.json("GET", "/api/anime") == (200, [])
        assert (await server.json("GET", "/api/queue/items"))[1] == []
        assert (await server.json("DELETE", f"/api/anime/{KEY}"))[0] == 404
        assert file.read_bytes() == b"precious"
        assert (await server.json("POST", "/api/anime/add", {"link": LINK}))[0] == 201


async def test_files_go_to_the_recycle_bin_whole(tmp_path: Path) -> None:
    """With `files=true` the whole folder is moved."""
    async with open_library(tmp_path, titan()) as server:
        folder = server.stage.library / FOLDER
        (folder / "Season 01").mkdir(parents=True)
        (folder / "Season 01" / "x.mkv").write_bytes(b"precious")
        (folder / "notes.txt").write_bytes(b"mine")
        status, _ = await server.json("DELETE", f"/api/anime/{KEY}?files=true")
        found = {p.name: p.read_bytes() for p in server.stage.library.rglob("*") if p.is_file()}
        places = [p.relative_to(server.stage.library).parts[0] for p in folder.parent.rglob("*")]
    assert status == 204
    assert not folder.exists()
    assert found == {"x.mkv": b"precious", "notes.txt": b"mine"}
    assert set(places) == {".recycle"}


async def test_files_that_cannot_be_moved_keep_the_series(tmp_path: Path) -> None:
    """Without a library folder the request gets 409 and changes nothing."""
    async with open_library(tmp_path, titan(), has_library=False) as server:
        status, problem = await server.json("DELETE", f"/api/anime/{KEY}?files=true")
        assert (status, problem["kind"]) == (409, "library_not_set")
        assert (await server.json("GET", f"/api/anime/{KEY}"))[0] == 200


async def test_a_scan_runs_in_the_background(tmp_path: Path) -> None:
    """The response is 202 with the id; the state shows progress and result."""
    async with open_library(tmp_path, titan()) as server:
        assert (await server.json("GET", "/api/anime/scan"))[1]["status"] == "idle"
        status, begun = await server.json("POST", "/api/anime/rescan")
        assert status == 202
        state = await scanned(server)
        assert (state["status"], state["scan_id"]) == ("completed", begun["scan_id"])
        assert (state["done"], state["total"], state["percent"]) == (1, 1, 100.0)
        report = state["report"]
        assert isinstance(report, dict)
        assert (report["series"], report["missing"]) == (1, 4)
        status, again = await server.json("POST", "/api/anime/rescan")
        assert status == 202
        assert again["scan_id"] != begun["scan_id"]
        await scanned(server)


async def test_only_one_scan_runs_and_it_can_be_cancelled(tmp_path: Path) -> None:
    """A second scan gets 409, also from the scheduler."""

    class Slow(FakeLoader):
        async def get_series(self, key: SeriesKey, ref: str = "") -> object:  # type: ignore[override]
            asked.set()
            await gate.wait()
            return await super().get_series(key, ref)

    gate, asked = anyio.Event(), anyio.Event()
    async with open_library(tmp_path, titan()) as server:
        slow = Slow(series=[titan()])
        server.stage.app.catalogue.loaders.by_name["fake"] = slow  # type: ignore[index]
        _, begun = await server.json("POST", "/api/anime/rescan")
        with anyio.fail_after(PATIENCE):
            await asked.wait()
        for path in ("/api/anime/rescan", "/api/scheduler/trigger-rescan"):
            status, problem = await server.json("POST", path)
            assert (status, problem["kind"]) == (409, "scan_running")
        assert (await server.json("GET", "/api/anime/scan"))[1]["status"] == "running"
        assert (await server.json("DELETE", "/api/anime/scan"))[0] == 204
        _, state = await server.json("GET", "/api/anime/scan")
        assert (state["status"], state["scan_id"]) == ("cancelled", begun["scan_id"])
        assert (await server.json("DELETE", "/api/anime/scan"))[0] == 204
        gate.set()
        assert (await server.json("POST", "/api/anime/rescan"))[0] == 202
        assert (await scanned(server))["status"] == "completed"


async def test_a_scan_without_a_library_is_refused(tmp_path: Path) -> None:
    """The response is 409: no library folder is set."""
    async with open_library(tmp_path, titan(), has_library=False) as server:
        status, problem = await server.json("POST", "/api/anime/rescan")
    assert (status, problem["kind"]) == (409, "library_not_set")


async def test_a_failed_scan_has_its_error(tmp_path: Path) -> None:
    """A missing library folder is the error of the scan."""
    async with open_library(tmp_path, titan()) as server:
        server.stage.library.rmdir()
        await server.json("POST", "/api/anime/rescan")
        state = await scanned(server)
    assert state["status"] == "failed"
    error = state["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "library_unavailable"


async def test_a_failing_loader_affects_its_series_only(tmp_path: Path) -> None:
    """The scan continues and names the error; the next scan can start."""

    class Broken(FakeLoader):
        async def get_series(self, key: SeriesKey, ref: str = "") -> object:  # type: ignore[override]
            raise KeyError(key)

    async with open_library(tmp_path, titan()) as server:
        by_name = server.stage.app.catalogue.loaders.by_name
        good = by_name["fake"]
        by_name["fake"] = Broken()  # type: ignore[index]
        await server.json("POST", "/api/anime/rescan")
        state = await scanned(server)
        assert state["status"] == "completed"
        assert "KeyError" in str(state)
        by_name["fake"] = good  # type: ignore[index]
        assert (await server.json("POST", "/api/anime/rescan"))[0] == 202
        assert (await scanned(server))["status"] == "completed"


async def test_nothing_is_told_without_a_token(tmp_path: Path) -> None:
    """Every operation of the library gets 401 without a token."""
    async with open_library(tmp_path, titan()) as server:
        for method, path in (
            ("GET", "/api/anime"),
            ("GET", f"/api/anime/{KEY}"),
            ("POST", "/api/anime/search"),
            ("POST", "/api/anime/add"),
            ("PATCH", f"/api/anime/{KEY}"),
            ("DELETE", f"/api/anime/{KEY}"),
            ("POST", "/api/anime/rescan"),
            ("GET", "/api/anime/scan"),
            ("DELETE", "/api/anime/scan"),
        ):
            response = await server.call(method, path, token="")
            assert (response.status, path) == (401, path)
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_emptied_library_is_scanned_on_request(tmp_path: Path) -> None:
    """Without `accept_loss` the scan fails and marks nothing as missing."""
    async with open_library(tmp_path, titan()) as server:
        series = titan()
        ref = series.ref(series.episode(1, 1))
        await server.stage.storage.series.mark_downloaded(ref, "gone.mkv", None)

        async def is_downloaded() -> bool:
            _, detail = await server.json("GET", f"/api/anime/{KEY}")
            return any(episode["downloaded"] for episode in detail["episodes"])

        await server.json("POST", "/api/anime/rescan", {"accept_loss": False})
        assert (await scanned(server))["status"] == "failed"
        assert await is_downloaded()
        status, _ = await server.json("POST", "/api/anime/rescan", {"accept_loss": "yes"})
        assert status == 422

        await server.json("POST", "/api/anime/rescan", {"accept_loss": True})

        assert (await scanned(server))["status"] == "completed"
        assert not await is_downloaded()


async def test_episodes_can_be_marked_as_not_wanted(tmp_path: Path) -> None:
    """Seasons, episodes and ranges; they are no longer missing, and back on request."""
    async with open_library(tmp_path, titan()) as server:
        path = f"/api/anime/{KEY}/wanted"
        status, body = await server.json(
            "POST", path, {"wanted": False, "episodes": ["S00", "S01E01-E02"]}
        )
        assert status == 200
        assert body["missing_episodes"] == {"2": [1]}
        assert body["unwanted_seasons"] == [0]
        wanted = [e["code"] for e in body["episodes"] if e["monitored"]]
        assert wanted == [
            e["code"] for e in body["episodes"] if e["season"] > 1 or e["episode"] > 2
        ]
        status, body = await server.json("POST", path, {"wanted": True})
        assert (status, body["missing_episodes"]) == (200, {"0": [1], "1": [1, 2], "2": [1]})


@pytest.mark.parametrize(
    ("episodes", "pointer"),
    [
        (["S01", "S09"], "/episodes/1"),
        (["S01E03-E01"], "/episodes/0"),
        (["one"], "/episodes/0"),
    ],
)
async def test_unknown_episodes_are_named(
    tmp_path: Path, episodes: list[str], pointer: str
) -> None:
    """The entry that names no episode is named, and nothing changes."""
    async with open_library(tmp_path, titan()) as server:
        body = {"wanted": False, "episodes": episodes}
        status, problem = await server.json("POST", f"/api/anime/{KEY}/wanted", body)
        assert (status, pointers(problem)) == (422, [pointer])
        _, body = await server.json("GET", f"/api/anime/{KEY}")
        assert all(e["monitored"] for e in body["episodes"])


async def test_a_preview_stores_nothing(tmp_path: Path) -> None:
    """It has episodes, folder and cover of what would be added, and says what is known."""
    async with open_library(
        tmp_path, offered=[titan(cover_url="https://x.invalid/a.jpg")]
    ) as server:
        path = "/api/anime/preview"
        status, shown = await server.json("POST", path, {"link": LINK})
        _, library = await server.json("GET", "/api/anime")
        _, added = await server.json("POST", "/api/anime/add", {"link": LINK})
        _, known = await server.json("POST", path, {"link": LINK})
        wrong = [
            await server.json("POST", path, {"link": link})
            for link in ("https://nobody.invalid/x", "no-such-key", "javascript:alert(1)")
        ]

    assert (status, library) == (200, [])
    assert (shown["created"], known["created"]) == (True, False)
    same = ("key", "name", "folder", "cover_url", "missing_episodes")
    assert [shown[name] for name in same] == [added[name] for name in same]
    assert [status for status, _ in wrong] == [422, 404, 422]
    assert "no web link" in wrong[2][1]["errors"][0]["detail"]
