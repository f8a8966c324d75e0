"""`aniworld doctor`."""

import sys
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_cli.commands.configuration import installation_checks
from aniworld_core.domain.downloads import DownloadStatus, Failure
from aniworld_core.domain.library import LibraryLoss
from aniworld_core.errors import (
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
    StorageCorruptError,
)
from aniworld_core.messages import Message
from aniworld_core.testing.factories import at, make_item
from aniworld_core.testing.fakes import FakeClock, FakeLoader
from support.console import Answer, Console
from support.machines import make_node, share


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide installed adapters, so that only the fakes are present."""
    monkeypatch.setattr("aniworld_core.bootstrap.plugins.InstalledPlugins.distributions", _none)


def _none(_self: object, _kind: str) -> dict[str, str]:
    return {}


def _checks(answer: Answer) -> dict[str, Any]:
    return {check["check"]: check for check in answer.json}


def _of(console: Console, name: str) -> tuple[int, Any]:
    answer = console("doctor", "--json")
    return answer.code, _checks(answer)[name]


def test_everything_is_looked_at(console: Console) -> None:
    """Library, disk, database, queue, providers and tools each have a line."""
    answer = console("doctor", "--json")

    checks = _checks(answer)
    assert answer.code == 0
    names = {"settings", "library", "disk", "database", "queue", "catalogue fake", "yt-dlp", "av"}
    assert names <= set(checks)
    for name in ("settings", "library", "database", "queue", "catalogue fake"):
        assert checks[name]["status"] == "ok", checks[name]
    assert set(checks["library"]) == {"check", "status", "detail", "hint"}


def test_a_missing_library_is_a_problem_of_the_setup(console: Console) -> None:
    """Without a library folder the check fails with a hint how to set one."""
    answer = console("doctor", "--json", library=False)

    check = _checks(answer)["library"]
    assert (answer.code, check["status"]) == (8, "problem")
    assert "ANIME_DIRECTORY" in check["hint"]


def test_a_catalogue_out_of_many_is_a_warning(console: Console) -> None:
    """A catalogue that fails is a warning with a hint while another one answers."""
    silent = FakeLoader(name="other", site="other.invalid")
    silent.error = NeedsPersonError("other.invalid", "https://other.invalid/check")
    console.adapters["loaders"] = [console.loader, silent]

    code, check = _of(console, "catalogue other")

    assert (code, check["status"]) == (0, "warning")
    assert "blocked" in check["detail"]
    assert "https://other.invalid/check" in check["hint"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProviderUnavailableError("fake", "it is down"), 6),
        (ProviderChangedError("fake", "the title"), 7),
        (ProviderDeniedError("fake"), 5),
    ],
)
def test_the_worst_problem_gives_the_code(console: Console, error: Exception, code: int) -> None:
    """If no catalogue answers, or waiting does not help, the check fails."""
    console.loader.error = error  # type: ignore[assignment]

    found, check = _of(console, "catalogue fake")

    assert (found, check["status"]) == (code, "problem")


def test_pages_that_want_a_person_are_named(console: Console) -> None:
    """Pages that must be opened in a browser are listed."""
    failure = Failure(kind="needs_person", message="open it", link="https://hoster.invalid/e/1")
    item = make_item(1, status=DownloadStatus.FAILED, failure=failure)
    anyio.run(console.storage.queue.add, [item])

    _, check = _of(console, "queue")

    assert check["status"] == "warning"
    assert "https://hoster.invalid/e/1" in check["hint"]


def test_a_full_disk_is_a_problem(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less free space than the reserve is a problem."""
    console("config", "set", "downloads.reserve_bytes", "1000000")
    monkeypatch.setattr(installation_checks, "_free_bytes", lambda _: 1)

    code, check = _of(console, "disk")

    assert (code, check["status"]) == (6, "problem")


def test_what_keeps_everything_from_opening_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that prevents opening the application is listed; the tools are still checked."""

    def broken(*_: object, **__: object) -> None:
        raise StorageCorruptError("aniworld.db", "it is damaged")

    monkeypatch.setattr("aniworld_cli.session.open_application", broken)

    answer = console("doctor", "--json")

    assert answer.code == 8
    assert _checks(answer)["database"]["status"] == "problem"
    assert "yt-dlp" in _checks(answer)


@pytest.mark.parametrize(
    ("days", "suffix", "is_old"),
    [(0, "", False), (90, "", False), (91, "", True), (91, ".232901.dev0", True), (900, "", True)],
)
def test_an_old_yt_dlp_is_worth_a_word(
    console: Console, monkeypatch: pytest.MonkeyPatch, days: int, suffix: str, is_old: bool
) -> None:
    """An installed version of more than 90 days is a warning with the command that updates it."""
    clock = FakeClock()
    console.adapters["clock"] = clock
    released = clock.now().replace(hour=0, minute=0) - timedelta(days=days)
    shown = f"{released:%Y.%m.%d}{suffix}"
    _install(console.folder, monkeypatch, shown)

    code, check = _of(console, "yt-dlp")

    assert (code, check["status"]) == (0, "warning" if is_old else "ok")
    assert shown in check["detail"]
    if is_old:
        assert f"{days} days old" in check["detail"]
        assert sys.executable in check["hint"]
        assert check["hint"].endswith("--upgrade yt-dlp")


@pytest.mark.parametrize("shown", ["2024.13.45", "2024.2.30", "1.0", "9999.1.1"])
def test_a_version_that_is_no_date_has_no_age(
    console: Console, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    """It is shown as it is."""
    _install(console.folder, monkeypatch, shown)

    code, check = _of(console, "yt-dlp")

    assert (code, check["status"], check["detail"]) == (0, "ok", shown)


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    """Install a distribution of yt-dlp that is found before the true one."""
    info = folder / "site" / "yt_dlp-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: yt-dlp\nVersion: {shown}\n")
    monkeypatch.syspath_prepend(str(info.parent))


def test_people_get_a_line_per_check(console: Console) -> None:
    """Each line has check, status, detail and hint."""
    rows = console("doctor").rows

    assert ["library", "ok"] in [row[:2] for row in rows]


def test_unfinished_files_of_removed_items_are_listed_and_removed_on_request(
    console: Console,
) -> None:
    """Unfinished files of removed items are listed, and deleted on request; other files stay."""
    name = "Laternen - S01E01 - Folge 1 (German Dub).mp4.part"
    part = console.library / "Laternen" / "Season 01" / name
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 10)
    entry = b'{"ledger":1,"shape":{}}'
    part.with_name(f"{name}.ledger").write_bytes(b"%08x %b\n" % (zlib.crc32(entry), entry))
    foreign = part.with_name("Somebody.mp4.part")
    foreign.write_bytes(b"x")

    listed = next(c for c in console("doctor", "--json").json if c["check"] == "leftovers")
    is_kept = part.exists()
    removed = console("doctor", "--remove-leftovers", "--json")

    assert listed["status"] == "warning"
    assert name.removesuffix(".part") in listed["detail"]
    assert "aniworld doctor --remove-leftovers" in listed["hint"]
    assert is_kept
    assert next(c for c in removed.json if c["check"] == "leftovers")["status"] == "ok"
    assert console.files() == [foreign.name]


def test_links_out_of_the_library_are_named(console: Console, tmp_path: Path) -> None:
    """With the setting that makes scans follow them."""
    outside = tmp_path / "disk2" / "Lanterns"
    outside.mkdir(parents=True)
    console.library.mkdir(exist_ok=True)
    (console.library / "Lanterns").symlink_to(outside)
    assert _of(console, "links")[1]["status"] == "ok"
    console("scan")
    check = _of(console, "links")[1]
    assert check["status"] == "warning"
    assert str(outside) in check["detail"]
    assert "library.folders" in check["hint"]


def test_a_part_of_the_library_that_is_gone_is_named(console: Console) -> None:
    """As long as nobody has confirmed the loss."""
    reason = Message("library_emptied", episodes=7)
    loss = LibraryLoss(path="/disk2", reason=reason, lost=7, known=7, noted_at=at(0))
    anyio.run(console.storage.files.save_losses, [loss])
    check = _of(console, "losses")[1]
    assert (check["status"], "/disk2" in check["detail"]) == ("warning", True)
    assert "--accept-loss" in check["hint"]
    anyio.run(console.storage.files.save_losses, [])
    assert _of(console, "losses")[1]["status"] == "ok"


def test_findings_are_german(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks, states, findings and hints are in the language of the reader; JSON is not."""
    english = [tuple(check.values()) for check in console("doctor", "--json").json]
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "de")

    rows = console("doctor").rows

    assert console("doctor", "--json").json[0]["check"] == "settings"
    assert [row[0] for row in rows[:3]] == ["Einstellungen", "Bibliothek", "Platte"]
    assert len(rows) == len(english)
    found = {text for _, _, *texts in english for text in texts if text and " " in text}
    same = {cell for row in rows for cell in row[2:]} & found
    assert {text for text in same if not text.startswith("from ")} == set()


def test_machines_have_a_line_where_several_share_the_database(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One machine has no such line; several are named, and a missing leader is a warning."""
    assert "machines" not in _checks(console("doctor", "--json"))

    share(monkeypatch, make_node("nas", is_leader=True), make_node("box"))
    monkeypatch.setattr("aniworld_core.bootstrap.diagnosis.silent_nodes", lambda *_: [])
    assert _of(console, "machines")[1]["detail"] == "nas (worker), box (worker)"

    share(monkeypatch, make_node("nas"))
    code, line = _of(console, "machines")
    assert (code, line["status"]) == (0, "warning")
    assert line["detail"] == "no process does the scheduled work"
    assert "aniworld scheduler" in line["hint"]
