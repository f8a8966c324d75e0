"""Every kind of failure through a real download: what queue, REST and command say about it."""

import errno
import json
import os
from pathlib import Path
from typing import Final

import anyio
import attrs
import pytest

from aniworld_cli.app import run
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import GER_DUB, MediaSource
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from support.hurried_clock import HurriedClock
from support.media.streams import Clip, write
from support.sites.hls import Fault, HlsSite, open_site, silent_after, status
from support.thorough import ONLY_THOROUGH

FILM: Final = "film.mp4"


@attrs.frozen(kw_only=True)
class Case:
    """A kind of failure: how a site makes it, and what is said about it.

    Attributes:
        kind: The kind of the failure in REST.
        reason: The kind of its reason.
        english: Words of the English text.
        german: Words of the German text.
        requests: Most requests for the film.
        fault: What the site does instead of sending the film.
        language: Language of the sound of the film.
        share: Share of the film that the file has.
        url: Link in place of that of the site; `{port}` is the port of the site.
        is_allowed: Whether the address of the site may be used.
        status: State of the item afterwards.
        is_disk_full: Whether the disk of the library is full.
    """

    kind: str
    reason: str
    english: str
    german: str
    requests: int = 20
    fault: Fault | None = None
    language: str = "ger"
    share: float = 1.0
    url: str = ""
    is_allowed: bool = True
    status: str = "failed"
    is_disk_full: bool = False


CASES: Final = {
    "401": Case(
        kind="login_needed",
        reason="status_code",
        english="127.0.0.1 needs a login: HTTP 401",
        german="127.0.0.1 verlangt eine Anmeldung: HTTP 401",
        requests=1,
        fault=status(401),
    ),
    "403": Case(
        kind="link_refused",
        reason="refused_status",
        english="access to 127.0.0.1 is refused: HTTP 403",
        german="Der Zugriff wird verweigert (127.0.0.1)",
        fault=status(403),
    ),
    "404": Case(
        kind="source_gone",
        reason="http_status",
        english="the file at 127.0.0.1 is missing: it answers HTTP 404",
        german="Nicht gefunden: die Datei bei 127.0.0.1",
        requests=1,
        fault=status(404),
    ),
    "451": Case(
        kind="source_blocked",
        reason="status_code",
        english="the file at 127.0.0.1 is blocked for legal reasons: HTTP 451",
        german="Aus rechtlichen Gründen gesperrt: die Datei bei 127.0.0.1",
        requests=1,
        fault=status(451),
    ),
    "500": Case(
        kind="fetch_interrupted",
        reason="host_http_status",
        english="the transfer was interrupted: 127.0.0.1 answers HTTP 500",
        german="unterbrochen: 127.0.0.1 kann die Datei gerade nicht liefern (HTTP 500)",
        fault=status(500),
    ),
    "503": Case(
        kind="fetch_interrupted",
        reason="host_http_status",
        english="127.0.0.1 answers HTTP 503",
        german="127.0.0.1 kann die Datei gerade nicht liefern (HTTP 503)",
        fault=status(503),
    ),
    "timeout": Case(
        kind="fetch_interrupted",
        reason="no_progress",
        english="no progress for 5 s",
        german="kein Fortschritt seit 5 s",
        fault=silent_after(100),
    ),
    "dns": Case(
        kind="fetch_interrupted",
        reason="host_unknown",
        english="the host name no-such-host.invalid cannot be looked up",
        german="der Hostname no-such-host.invalid kann nicht aufgelöst werden",
        requests=0,
        url="http://no-such-host.invalid/film.mp4",
    ),
    "tls": Case(
        kind="unsupported_source",
        reason="tls_not_there",
        english="the server does not answer with TLS",
        german="der Server antwortet nicht mit TLS",
        requests=0,
        url="https://127.0.0.1:{port}/film.mp4",
    ),
    "guard": Case(
        kind="address_refused",
        reason="not_public",
        english="it is not on the public internet",
        german="Der Server darf 127.0.0.1",
        requests=0,
        is_allowed=False,
    ),
    "language": Case(
        kind="bad_media",
        reason="wrong_audio",
        english="its audio is eng instead of ger-dub",
        german="der Ton ist eng statt ger-dub",
        language="eng",
    ),
    "damaged": Case(
        kind="bad_media",
        reason="end_missing",
        english="the media is not usable: its end is missing",
        german="Das Video kann nicht verwendet werden: das Ende fehlt",
        share=0.5,
    ),
    "disk": Case(
        kind="disk_full",
        reason="",
        english="is full",
        german="ist voll",
        status="pending",
        is_disk_full=True,
    ),
}
#: Cases of the usual run; the others only in the thorough one.
OFTEN: Final = ("401", "guard", "disk")


def _refuse(*_given: object) -> int:
    """Answer like a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def _download(folder: Path, case: Case) -> HlsSite:
    """Let the queue of a data folder fetch the only episode of a series."""
    series = make_series(
        "tide",
        name="Ebbe & Flut",
        provider="fake",
        site="fake.invalid",
        link="https://fake.invalid/tide",
    )
    ref = EpisodeRef(series.key, 1, 1)
    async with open_site() as site:
        clip = Clip(seconds=3, languages=(case.language,))
        film = write(folder / FILM, clip, muxer="mp4").read_bytes()
        site.files[FILM] = film[: int(len(film) * case.share)]
        if case.fault is not None:
            site.faults[FILM] = case.fault
        url = case.url.format(port=site.port) or f"{site.url(FILM)}?token=s3cret"
        source = MediaSource(provider="fake", hoster="tide.invalid", url=url, language=GER_DUB)
        settings = Settings(
            data_dir=folder / "data",
            anime_directory=folder / "library",
            allowed_addresses=(f"127.0.0.1:{site.port}",) if case.is_allowed else (),
        )
        config = Config(downloads=DownloadsConfig(reserve_bytes=0, retries=0, stall_timeout=5.0))
        async with open_application(
            settings,
            loaders=(FakeLoader(series=[series], sources={ref: [source]}),),
            config_store=MemoryConfigStore(config),
            clock=HurriedClock(),
        ) as app:
            with anyio.fail_after(PATIENCE):
                await app.catalogue.add(series.link)
                await app.queue.enqueue(series.key, episodes=[ref])
                await app.worker.drain()
        return site


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in OFTEN else ONLY_THOROUGH) for n in CASES]
)
def test_what_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """The cause is named in both languages; nothing final is tried again, and no secret shown."""
    case = CASES[name]
    (tmp_path / "library").mkdir()
    if case.is_disk_full:
        monkeypatch.setattr(os, "pwrite", _refuse)
    site = anyio.run(_download, tmp_path, case)

    def said(language: str, *command: str) -> str:
        monkeypatch.setenv("ANIWORLD_LANGUAGE", language)
        capsys.readouterr()
        assert run([*command, "--data-dir", str(tmp_path / "data")]) == 0
        return capsys.readouterr().out

    (view,) = json.loads(said("de", "queue", "list", "--json"))
    english, german = said("en", "queue", "list"), said("de", "queue", "list")
    assert (view["status"], view["serie_name"]) == (case.status, "Ebbe & Flut")
    assert view["error_kind"] == case.kind
    assert view["error_values"].get("reason", {}).get("kind", "") == case.reason
    assert case.english in english
    assert case.english in view["error"]
    assert case.german in german
    is_failed = case.status == "failed"
    assert ("fehlgeschlagen" in german) is is_failed
    # An item that waits has not failed, so the history has nothing about it.
    assert (case.english in said("en", "history")) is is_failed
    assert (case.german in said("de", "history")) is is_failed
    assert len(site.asked) <= case.requests
    assert "s3cret" not in english + german + json.dumps(view)


def test_every_kind_has_its_own_text() -> None:
    """No two kinds have the same words."""
    assert len({case.english for case in CASES.values()}) == len(CASES)
    assert len({case.german for case in CASES.values()}) == len(CASES)
