"""`aniworld config`, on real files."""

import io
import json
import sys
from pathlib import Path

import pytest

from aniworld_cli.app import run


class Config:
    """Runs `aniworld config` with one data folder."""

    def __init__(self, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir = data_dir
        self.path = data_dir / "config.json"
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        self._capsys.readouterr()
        code = run(["--data-dir", str(self.data_dir), "config", *arguments])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Config:
    """Return a runner with a data folder of its own."""
    return Config(tmp_path / "data", capsys)


def test_settings_are_set_and_read_by_their_dotted_names(config: Config) -> None:
    """A setting that was set is returned by `get`; other settings have their defaults."""
    assert config("get", "downloads.concurrent") == (0, "1\n", "")
    assert config("set", "downloads.concurrent", "3")[0] == 0
    assert config("get", "downloads.concurrent") == (0, "3\n", "")
    assert config("get", "downloads.concurrent", "--json") == (0, "3\n", "")


def test_lists_have_commas_between(config: Config) -> None:
    """The printed form of a list can be used as input."""
    config("set", "languages.order", "ger-sub, eng-dub")

    assert config("get", "languages.order")[1] == "ger-sub,eng-dub\n"
    assert json.loads(config("get", "languages.order", "--json")[1]) == ["ger-sub", "eng-dub"]


def test_showing_prints_every_setting(config: Config) -> None:
    """`show` prints every setting as lines, or as one JSON document."""
    assert "downloads.connections\t8" in config("show")[1]
    assert json.loads(config("show", "--json")[1])["downloads"]["connections"] == 8


def test_secrets_are_never_shown(config: Config) -> None:
    """Secrets are hidden in the whole document and in single settings."""
    config.data_dir.mkdir()
    secret = "$pbkdf2-sha256$29000$abcdef"
    config.path.write_text(json.dumps({"other": {"master_password_hash": secret}}))

    shown = [
        config("show"),
        config("show", "--json"),
        config("get", "other.master_password_hash"),
        config("get", "other", "--json"),
        config("set", "name", "Neu", "--json"),
        config("backups", "--json"),
    ]

    assert all(code == 0 for code, _, _ in shown)
    assert not any(secret in out + err for _, out, err in shown)
    assert secret in config.path.read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("get", "no.such.thing"), 3),
        (("set", "no.such.thing", "1"), 3),
        (("set", "downloads.concurrent", "99"), 2),
        (("set", "downloads.concurrent", "many"), 2),
        (("set", "other.master_password_hash", "x"), 2),
        (("restore", "config-nothing.json"), 3),
        (("get",), 2),
    ],
)
def test_wrong_input_changes_nothing(config: Config, arguments: tuple[str, ...], code: int) -> None:
    """Invalid input prints one line with the documented exit code and changes nothing."""
    config("set", "name", "before")
    before = config.path.read_bytes()

    answer = config(*arguments)

    assert answer[0] == code
    assert len(answer[2].splitlines()) == 1
    assert config.path.read_bytes() == before


def test_every_change_can_be_taken_back(config: Config) -> None:
    """Every change makes a backup, and restoring makes another one."""
    config("set", "name", "first")
    config("set", "name", "second")
    (kept,) = json.loads(config("backups", "--json")[1])

    assert config("restore", kept["name"])[0] == 0
    assert config("get", "name")[1] == "first\n"
    assert len(json.loads(config("backups", "--json")[1])) == 2


def test_a_backup_can_be_asked_for(config: Config) -> None:
    """A requested backup appears in the list."""
    code, out, _ = config("backup")

    assert code == 0
    assert config("backups")[1].startswith(out.strip())
    assert json.loads(config("backup", "--json")[1])["name"].startswith("config-")


def test_the_stored_configuration_is_validated(config: Config) -> None:
    """`validate` lists every problem with its pointer."""
    assert json.loads(config("validate", "--json")[1]) == {
        "valid": True,
        "errors": [],
        "warnings": [],
    }
    config.data_dir.mkdir(exist_ok=True)
    config.path.write_text('{"downloads": {"concurrent": 0, "connections": "x"}}')

    code, out, _ = config("validate", "--json")

    assert code == 2
    assert {e["pointer"] for e in json.loads(out)["errors"]} == {
        "/downloads/concurrent",
        "/downloads/connections",
    }


def test_a_file_is_validated_before_it_becomes_the_configuration(
    config: Config, tmp_path: Path
) -> None:
    """Validating a file changes nothing."""
    file = tmp_path / "new.json"
    file.write_text('{"name": "New", "colour": "red"}')

    code, out, _ = config("validate", str(file), "--json")

    assert code == 0
    assert json.loads(out)["warnings"][0]["pointer"] == "/colour"
    assert not config.path.exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"name": 5}', "{" * 100_000])
def test_a_bad_file_is_not_valid(config: Config, tmp_path: Path, content: str) -> None:
    """`config validate` reports every kind of invalid file as invalid."""
    file = tmp_path / "new.json"
    file.write_text(content)

    assert config("validate", str(file))[0] == 2


def test_a_document_can_come_from_stdin(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document is read from stdin."""
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"downloads": {"concurrent": 0}}'))

    code, answer = config("validate", "-")[:2]
    assert code == 2
    assert "/downloads/concurrent" in str(answer)


def test_a_file_that_is_not_there_is_not_found(config: Config, tmp_path: Path) -> None:
    """A missing file is reported in one line."""
    code, _, err = config("validate", str(tmp_path / "none.json"))

    assert code == 3
    assert len(err.splitlines()) == 1


def test_it_works_with_a_broken_database(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command works while the database is broken."""
    monkeypatch.setenv("DATABASE_URL", "nosuchdatabase://nowhere")

    assert config("set", "name", "Neu")[0] == 0
    assert config("show")[0] == 0


def test_a_corrupt_file_is_left_alone(config: Config) -> None:
    """A corrupt configuration is not overwritten; the newest good backup is named."""
    config("set", "name", "first")
    config("set", "name", "second")
    config.path.write_text("{ not json")

    code, _, err = config("set", "name", "third")

    assert code == 8
    assert "backups/config-" in err
    assert config.path.read_text() == "{ not json"


@pytest.mark.parametrize("name", ["other.anime_directory", "data_dir", "backup.path"])
def test_a_folder_that_does_not_exist_is_refused(config: Config, tmp_path: Path, name: str) -> None:
    """Missing and relative folders and files are refused; `~` and an empty value are accepted."""
    file = tmp_path / "file"
    file.touch()
    for folder, said in (
        ("anime", "relative"),
        (str(tmp_path / "gone"), "does not exist"),
        (str(file), "is a file"),
        ("/", "belongs to the operating system"),
    ):
        code, _, err = config("set", name, folder)
        assert code == 2
        assert said in err
    assert config("get", name)[1] == "\n"
    for folder in (str(tmp_path), "~", ""):
        assert config("set", name, folder)[0] == 0


def _damage(config: Config, document: object) -> None:
    config.data_dir.mkdir(exist_ok=True)
    config.path.write_text(json.dumps(document))


def test_invalid_settings_are_repaired_one_after_the_other(config: Config) -> None:
    """A change beside invalid settings keeps them, names them, and can be taken back."""
    _damage(
        config,
        {
            "name": 5,
            "downloads": {"concurrent": "x", "connections": 4},
            "languages": {"order": ["ger-dub", 7]},
            "later": {"a": 1},
        },
    )
    before = config.path.read_bytes()

    code, _, err = config("set", "downloads.concurrent", "2")

    assert code == 0
    assert "downloads.concurrent = 2" in err
    assert "still not valid: name: must be a text, not a number" in err
    assert "still not valid: languages.order.1" in err
    stored = json.loads(config.path.read_bytes())
    assert stored["name"] == 5
    assert stored["languages"]["order"] == ["ger-dub", 7]
    assert (stored["downloads"]["concurrent"], stored["downloads"]["connections"]) == (2, 4)
    assert stored["later"] == {"a": 1}
    (backup,) = (config.data_dir / "backups").iterdir()
    assert backup.read_bytes() == before
    assert "name:" not in config("set", "name", "here")[2]
    assert "still not valid" not in config("set", "languages.order", "ger-sub")[2]
    assert config("validate")[0] == 0
    assert config("get", "name")[1] == "here\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", "downloads.connections", "99"), 2),
        (("set", "downloads.concurrent", "many"), 2),
        (("set", "name", "x", "downloads.retries", "-1"), 2),
        (("set", "downloads.no", "1"), 3),
        (("set", "other", '{"master_password_hash": "evil"}'), 2),
        (("set", "other.anime_directory", "not/absolute"), 2),
    ],
)
def test_a_wrong_change_beside_invalid_settings_changes_nothing(
    config: Config, arguments: tuple[str, ...], code: int
) -> None:
    """A new value must be valid even while others are not; the password hash stays."""
    _damage(config, {"name": 5, "other": {"master_password_hash": 7}})
    before = config.path.read_bytes()

    assert config(*arguments)[0] == code
    assert config.path.read_bytes() == before


def test_a_value_that_cannot_be_written_again_stays_in_the_file(config: Config) -> None:
    """A change that would lose such a value is refused; the value itself can be replaced."""
    config.data_dir.mkdir()
    before = '{"downloads": {"concurrent": 1e999, "connections": 0}}'
    config.path.write_text(before)

    assert config("set", "downloads.connections", "4")[0] == 2
    assert config.path.read_text() == before
    assert config("set", "downloads.concurrent", "4")[0] == 0
    assert config("get", "downloads.concurrent")[1] == "4\n"


def test_valid_settings_are_shown_beside_invalid_ones(config: Config) -> None:
    """`get` and `show` print what is valid and never a default in place of a wrong value."""
    _damage(config, {"name": 5, "downloads": {"connections": 3}, "languages": {"order": [7]}})

    assert config("get", "downloads.connections") == (0, "3\n", "")
    code, out, err = config("get", "name")
    assert (code, out) == (2, "")
    assert err.startswith("aniworld: the configuration is not valid: /name: must be a text")
    code, out, err = config("show", "--json")
    shown = json.loads(out)
    assert (code, shown["downloads"]["connections"]) == (2, 3)
    assert "name" not in shown
    assert "order" not in shown["languages"]
    assert "/languages/order/0" in json.loads(err)["error"]
    assert "name\t" not in config("show")[1]
