"""Settings of the server: defaults, all problems at once, and the generated key."""

import ipaddress
import threading
from pathlib import Path

import pytest

from aniworld_core.errors import SettingsError
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http import HttpSettings

KEY = "k" * 32


def _read(tmp_path: Path, **environ: str) -> HttpSettings:
    return HttpSettings.from_environ({"JWT_SECRET_KEY": KEY, **environ}, data_dir=tmp_path)


def test_defaults(tmp_path: Path) -> None:
    """Without variables the documented defaults are used."""
    settings = _read(tmp_path)

    assert (
        settings.host,
        settings.port,
        settings.base_path,
        settings.trusted_proxies,
    ) == ("127.0.0.1", 8000, "/", ())
    assert settings.cors_origins == ("http://localhost:3000", "http://localhost:8000")


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each variable sets its setting."""
    settings = _read(
        tmp_path,
        CORS_ORIGINS="https://Media.example:8443, http://[::1]:3000",
        ANIWORLD_HOST="::",
        ANIWORLD_PORT="0",
        ANIWORLD_BASE_PATH="/tv/aniworld/",
        ANIWORLD_TRUSTED_PROXIES="10.0.0.1/8,::1",
    )

    assert (
        HttpSettings(
            secret_key=KEY.encode(),
            cors_origins=("https://media.example:8443", "http://[::1]:3000"),
            host="::",
            port=0,
            base_path="/tv/aniworld",
            trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1")),
        )
        == settings
    )


def test_a_file_of_variables_is_read_below_the_environment(tmp_path: Path) -> None:
    """`.env` is used where the environment has no value."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("ANIWORLD_PORT=9000\nANIWORLD_HOST=0.0.0.0\n")
    environ = {"JWT_SECRET_KEY": KEY, "ANIWORLD_HOST": "::1"}

    settings = HttpSettings.from_environ(environ, data_dir=tmp_path, dotenv=dotenv)

    assert (settings.host, settings.port) == ("::1", 9000)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """One start names all problems by variable and creates no key file."""
    environ = {
        "CORS_ORIGINS": "*",
        "ANIWORLD_HOST": "http://here",
        "ANIWORLD_PORT": "65536",
        "ANIWORLD_BASE_PATH": "aniworld",
        "ANIWORLD_TRUSTED_PROXIES": "10.0.0.0/33",
        "JWT_SECRET_KEY": "tell-nobody",
    }

    with pytest.raises(SettingsError) as caught:
        HttpSettings.from_environ(environ, data_dir=tmp_path)

    assert list(environ) == [problem.partition(":")[0] for problem in caught.value.problems]
    assert "tell-nobody" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("ANIWORLD_PORT", value) for value in ("-1", "1e3", "8000x", "8 0", "٨٠٠٠", "9" * 5000)],
        *[("ANIWORLD_HOST", value) for value in ("a b", "user@here", "[::1]", "x/y")],
        *[
            ("ANIWORLD_BASE_PATH", value)
            for value in ("x", "/a//b", "/..", "/a/../b", "/a?b", "/ä")
        ],
        *[
            ("CORS_ORIGINS", value)
            for value in (
                "localhost",
                "ftp://here",
                "https://*.example",
                "https://here/path",
                "https://here:99999",
                "https://user@here",
                "https://",
                "null",
                "https://here?x",
            )
        ],
        *[("ANIWORLD_TRUSTED_PROXIES", value) for value in ("localhost", "1.2.3", "10/8/8")],
        ("JWT_SECRET_KEY", "x" * 31),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, name: str, value: str) -> None:
    """An invalid value is named with its variable."""
    with pytest.raises(SettingsError, match=name):
        _read(tmp_path, **{name: value})


def test_key_is_made_once(tmp_path: Path) -> None:
    """A generated key has mode 0600 and is used again after a restart."""
    data_dir = tmp_path / "new" / "data"

    first = HttpSettings.from_environ({}, data_dir=data_dir)
    second = HttpSettings.from_environ({}, data_dir=data_dir)

    (kept,) = data_dir.iterdir()
    assert first.secret_key == second.secret_key
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(first.secret_key) >= 32


def test_two_data_folders_have_two_keys(tmp_path: Path) -> None:
    """Keys are random."""
    keys = {
        HttpSettings.from_environ({}, data_dir=tmp_path / name).secret_key for name in ("a", "b")
    }

    assert len(keys) == 2


def test_many_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Concurrent starts create one key, and all use it."""
    barrier = threading.Barrier(8)
    keys: list[bytes] = []

    def start() -> None:
        barrier.wait(PATIENCE)
        keys.append(HttpSettings.from_environ({}, data_dir=tmp_path).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_mode_of_the_key_file_is_restored(tmp_path: Path) -> None:
    """A key file that others may read gets mode 0600 at the next start."""
    HttpSettings.from_environ({}, data_dir=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.chmod(0o644)

    HttpSettings.from_environ({}, data_dir=tmp_path)

    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_file_stops_the_start(tmp_path: Path) -> None:
    """A truncated key is neither used nor replaced."""
    HttpSettings.from_environ({}, data_dir=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"short")

    with pytest.raises(SettingsError, match="damaged"):
        HttpSettings.from_environ({}, data_dir=tmp_path)

    assert kept.read_bytes() == b"short"


def test_a_data_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """A key that cannot be stored is a settings error, not a crash."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsError, match="JWT_SECRET_KEY"):
        HttpSettings.from_environ({}, data_dir=tmp_path / "file")


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    """The repr of the settings does not contain the key."""
    assert KEY not in repr(_read(tmp_path))


def test_a_key_is_needed_with_a_shared_database(tmp_path: Path) -> None:
    """Servers of several machines sign with one key, so none is generated for one of them."""
    with pytest.raises(SettingsError) as refused:
        HttpSettings.from_environ({"ANIWORLD_PORT": "x"}, data_dir=tmp_path, is_shared=True)

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "ANIWORLD_PORT",
        "JWT_SECRET_KEY",
    ]
    assert list(tmp_path.iterdir()) == []
    given = HttpSettings.from_environ({"JWT_SECRET_KEY": KEY}, data_dir=tmp_path, is_shared=True)
    assert given.secret_key == KEY.encode()


def test_a_short_key_is_reported_once(tmp_path: Path) -> None:
    """A key that is too short with a shared database is one problem, not two."""
    with pytest.raises(SettingsError) as refused:
        HttpSettings.from_environ({"JWT_SECRET_KEY": "x"}, data_dir=tmp_path, is_shared=True)

    assert len(refused.value.problems) == 1
