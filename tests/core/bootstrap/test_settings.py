"""Settings from arguments, the environment or `.env`; all problems are reported at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aniworld_core.bootstrap.settings import Settings, default_data_dir, read_variables
from aniworld_core.errors import SettingsError


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_everything_has_a_default(clean_environment: Path) -> None:
    """Without variables the platform's data folder is used."""
    settings = Settings.from_environ()
    assert settings.data_dir == clean_environment / ".local/share/aniworld"
    assert settings.storage_url == f"sqlite:///{settings.data_dir}/aniworld.db"
    assert settings.anime_directory is None
    assert settings.bus_url == "local"
    assert settings.loaders is None
    assert (settings.log_level, settings.log_format) == ("", "")
    assert settings.allowed_addresses == frozenset()
    assert not settings.data_dir.exists()


def test_a_data_folder_here_is_used(in_an_empty_folder: Path) -> None:
    """An existing `./data` is preferred to the platform's folder."""
    (in_an_empty_folder / "data").mkdir()
    assert default_data_dir() == in_an_empty_folder / "data"
    assert Settings.from_environ().data_dir == in_an_empty_folder / "data"


def test_every_variable_is_read() -> None:
    """Each variable sets its setting."""
    settings = Settings.from_environ(
        {
            "ANIWORLD_DATA_DIR": "/srv/aniworld",
            "ANIME_DIRECTORY": "~/anime",
            "DATABASE_URL": "postgresql://u:p@db/x",
            "BUS_URL": "postgresql://db/x",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "JSON",
            "ANIWORLD_ALLOWED_ADDRESSES": "127.0.0.1:8096, [::1]:0080,NAS.local:443,",
        }
    )
    assert settings.data_dir == Path("/srv/aniworld")
    assert settings.anime_directory == Path.home() / "anime"
    assert settings.storage_url == "postgresql://u:p@db/x"
    assert settings.bus_url == "postgresql://db/x"
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")
    assert settings.allowed_addresses == {"127.0.0.1:8096", "[::1]:80", "nas.local:443"}
    assert "u:p" not in repr(settings)


def test_the_nearer_source_wins(
    in_an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command line overrides the environment, which overrides `.env`."""
    (in_an_empty_folder / ".env").write_text(
        "LOG_LEVEL=WARNING\nANIME_DIRECTORY='/from/dotenv'\nANIWORLD_DATA_DIR=/from/dotenv\n"
        "# a comment\nexport DATABASE_URL=sqlite:////from/dotenv.db\n"
    )
    monkeypatch.setenv("ANIME_DIRECTORY", "/from/environment")
    monkeypatch.setenv("ANIWORLD_DATA_DIR", "/from/environment")
    monkeypatch.setenv("LOG_FORMAT", "")
    settings = Settings.from_environ(data_dir=tmp_path / "given")
    assert settings.data_dir == tmp_path / "given"
    assert settings.anime_directory == Path("/from/environment")
    assert settings.log_level == "WARNING"
    assert settings.storage_url == "sqlite:////from/dotenv.db"
    assert Settings.from_environ(anime_directory="x").anime_directory == in_an_empty_folder / "x"
    assert Settings.from_environ(dotenv=None).log_level == ""


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """Each problem has variable, value and allowed values; secrets in URLs are hidden."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environ(
            {
                "ANIWORLD_DATA_DIR": str(tmp_path / "file"),
                "DATABASE_URL": "s3cret@host",
                "LOG_LEVEL": "loud",
                "LOG_FORMAT": "xml",
                "ANIWORLD_ALLOWED_ADDRESSES": "127.0.0.1",
            },
            anime_directory=tmp_path / "file",
        )
    problems = wrong.value.problems
    named = {p.partition(":")[0]: p for p in problems}
    assert set(named) == {
        "ANIWORLD_DATA_DIR",
        "DATABASE_URL",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "ANIWORLD_ALLOWED_ADDRESSES",
        "--library",
    }
    assert "'loud'" in named["LOG_LEVEL"]
    assert "INFO" in named["LOG_LEVEL"]
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        ":80",
        "a:",
        "a:0",
        "a:65536",
        "a:8o",
        "a b:80",
        "http://a:80",
        "a:80/x",
        "*:80",
        "[::1:80",
        "[a]:80",
        "10.0.0.0/8:80",
        "a:٣",
        "::1:80",
    ],
)
def test_addresses_must_be_exact(address: str) -> None:
    """Addresses are exactly one host and one port, without ranges and wildcards."""
    with pytest.raises(SettingsError):
        Settings.from_environ({"ANIWORLD_ALLOWED_ADDRESSES": address})


def test_arguments_may_be_texts_and_become_absolute(in_an_empty_folder: Path) -> None:
    """Relative paths are made absolute when they are given."""
    settings = Settings(data_dir="state", anime_directory="~/anime", allowed_addresses=["a:1"])
    assert settings.data_dir == in_an_empty_folder / "state"
    assert settings.anime_directory == Path.home() / "anime"
    assert settings.allowed_addresses == {"a:1"}


def test_any_variables_can_be_read_the_same_way(
    in_an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server reads its own variables with the same precedence."""
    (in_an_empty_folder / ".env").write_text("ANIWORLD_PORT=1\nANIWORLD_HOST=h\n")
    monkeypatch.setenv("ANIWORLD_PORT", "2")
    names = ("ANIWORLD_PORT", "ANIWORLD_HOST", "ANIWORLD_BASE_PATH")
    assert read_variables(names) == {"ANIWORLD_PORT": "2", "ANIWORLD_HOST": "h"}
    assert read_variables(names, {"ANIWORLD_PORT": "3"}, dotenv=None) == {"ANIWORLD_PORT": "3"}


def test_an_unreadable_file_is_said(in_an_empty_folder: Path) -> None:
    """A `.env` in another encoding is a settings error without a traceback."""
    (in_an_empty_folder / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env"):
        Settings.from_environ()


def test_embedding_imports_no_settings_machinery() -> None:
    """A program that passes paths does not import the settings library."""
    code = (
        "import sys; from aniworld_core.bootstrap.settings import Settings; Settings(data_dir='x');"
        "print([m for m in ('typed_settings', 'platformdirs', 'dotenv') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(("has_file", "loaded"), [(False, b"[]"), (True, b"['typed_settings']")])
def test_only_a_file_is_waited_for(in_an_empty_folder: Path, has_file: bool, loaded: bytes) -> None:
    """Without a `.env` its parser is not imported."""
    if has_file:
        (in_an_empty_folder / ".env").write_text("LOG_LEVEL=INFO\n")
    code = (
        "import sys; from aniworld_core.bootstrap.settings import Settings\n"
        "Settings.from_environ()\n"
        "print([m for m in ('typed_settings',) if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == loaded


@pytest.mark.parametrize("content", ["{", "[]", '{"data_dir": 5}', '{"data_dir": "data"}', "{}"])
def test_a_data_dir_of_the_configuration_leads_elsewhere(
    in_an_empty_folder: Path, content: str
) -> None:
    """`data_dir` of the configuration applies only in the default folder and if it exists."""
    here, there = in_an_empty_folder / "data", in_an_empty_folder / "there"
    here.mkdir(exist_ok=True)
    there.mkdir()
    (here / "config.json").write_text(content)
    assert Settings.from_environ().data_dir == here
    (here / "config.json").write_text(json.dumps({"data_dir": str(there)}))
    assert Settings.from_environ().data_dir == there
    assert Settings.from_environ({"ANIWORLD_DATA_DIR": str(here)}).data_dir == here
    (here / "config.json").write_text(json.dumps({"data_dir": str(there / "nothing")}))
    assert Settings.from_environ().data_dir == here
