"""Options, errors and streams that all commands share."""

import io
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import anyio
import pytest
from cyclopts import App

from aniworld_cli.__main__ import main
from aniworld_cli.app import build_app, run
from aniworld_cli.commands.help_texts import EXAMPLES, default_text, example_text
from aniworld_cli.rendering.output import Output
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.testing import MemorySeriesRepository, make_series
from aniworld_core.testing.fakes import FakeLoader
from support.console import Console

HEAVY = {"aiohttp", "sqlalchemy", "av", "yt_dlp", "httpx"}
#: Starts of the names of modules that no command needs to show what is stored.
UNUSED_BY_LISTS = (
    *("alembic", "filelock", "aniworld_providers", "aniworld_core.domain.library.file_names"),
    *("aniworld_core.application.library.scans", "aniworld_core.application.library.changes"),
    *("aniworld_core.application.downloads.work.", "aniworld_core.application.automation.releases"),
    *(f"aniworld_core.application.automation.{n}" for n in ("rescan_schedule", "library_watch")),
)


def _loaded_by(*arguments: str) -> set[str]:
    """Run the command in a process of its own and return the modules that it loaded."""
    program = (
        "import sys\n"
        "from aniworld_cli.__main__ import main\n"
        f"code = main({list(arguments)!r})\n"
        "sys.stderr.write(' '.join(sys.modules))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    return set(done.stderr.split())


def test_the_version_waits_for_nothing() -> None:
    """`--version` loads neither the command line nor the core."""
    assert not _loaded_by("--version") & (HEAVY | {"cyclopts", "rich", "anyio", "aniworld_core"})


@pytest.mark.parametrize("arguments", [["--help"], ["download", "--help"]])
def test_help_does_not_load_what_only_work_needs(arguments: list[str]) -> None:
    """`--help` loads no database, network or media module."""
    assert not _loaded_by(*arguments) & HEAVY


@pytest.mark.parametrize("command", [["list", "--json"], ["queue", "list"]])
def test_a_list_loads_only_what_it_shows(tmp_path: Path, command: list[str]) -> None:
    """A list loads nothing that reads sites, media or file names, scans, downloads or migrates."""
    loaded = _loaded_by("--data-dir", str(tmp_path), *command)

    assert not loaded & (HEAVY - {"sqlalchemy"})
    assert not [name for name in sorted(loaded) if name.startswith(UNUSED_BY_LISTS)]


@pytest.mark.parametrize("command", [["list"], ["scan", "--disk-only"]])
def test_bookkeeping_does_not_load_any_provider(tmp_path: Path, command: list[str]) -> None:
    """`list` and a scan of the disk alone import nothing that reads sites or media."""
    (tmp_path / "library").mkdir()
    given = ["--data-dir", str(tmp_path), "--library", str(tmp_path / "library")]

    loaded = _loaded_by(*given, *command)

    assert not [name for name in loaded if name.startswith("aniworld_providers")]


def test_commands_about_catalogues_do_not_load_the_download_engine(tmp_path: Path) -> None:
    """`scan` loads catalogues, but no resolvers and fetchers."""
    (tmp_path / "library").mkdir()
    loaded = _loaded_by("--data-dir", str(tmp_path), "--library", str(tmp_path / "library"), "scan")

    assert "aniworld_providers.catalogues.archive.loader" in loaded
    assert not any(
        name.startswith(("aniworld_providers.transfer.", "aniworld_providers.resolvers."))
        for name in loaded
    )


@pytest.mark.parametrize(
    "arguments", [["--version"], ["list", "--version"], ["--json", "--version"]]
)
def test_the_version_can_be_asked_for_anywhere(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--version` works before and after the command, and names every part that is installed."""
    assert main(arguments) == 0
    first, *parts = capsys.readouterr().out.splitlines()
    assert first == f"aniworld {metadata.version('aniworld-cli')}"
    named = dict(part.split() for part in parts)
    assert named.pop("Python") == platform.python_version()
    assert {"aniworld-core", "aniworld-http", "aniworld-providers", "aniworld-sqlite"} <= set(named)
    assert named == {part: metadata.version(part) for part in named}


def _options(app: App) -> Iterator[tuple[str, set[str]]]:
    """Yield every command with the names of its own options."""
    for name in app:
        command = app[name]
        if command.default_command is not None and not name.startswith("-"):
            arguments = command.assemble_argument_collection()
            yield name, {option for argument in arguments for option in argument.names}
        yield from _options(command)


def test_no_command_has_an_option_with_the_name_of_a_global_one() -> None:
    """A global option would win, and the command's own could not be given."""
    app = build_app([Output(is_json=False)], {})
    shared = {name for each in app.meta.assemble_argument_collection() for name in each.names}
    taken = {name for name in shared if name.startswith("-")} | {"--help", "-h"}

    assert {name: taken & own for name, own in _options(app) if taken & own} == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fly"], "unknown command 'fly'"),
        (["serch", "x"], "did you mean search?"),
        (["queue", "explode"], "unknown command 'explode'"),
        (["search"], "QUERY"),
        (["show"], "KEY"),
        (["list", "--colour"], "--colour"),
        (["--data-dir"], "--data-dir"),
        (["show", "a", "b"], "b"),
    ],
)
def test_wrong_use_is_one_clear_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usage error exits with 2 and prints nothing on stdout."""
    code = main(arguments)

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("aniworld: ")
    assert said.lower() in captured.err.lower()


def test_options_of_all_commands_stand_before_or_after(console: Console) -> None:
    """Global options work before and after the command."""
    assert console("--json", "list").json == console("list", "--json").json == []


def test_a_double_dash_ends_the_options(console: Console) -> None:
    """Arguments after `--` are not parsed as options."""
    answer = console("--json", "search", "--provider", "fake", "--", "--version")

    # The options that the fixture appends become part of the search text.
    assert console.loader.calls[0].startswith("search --version")
    assert answer.code == 0


def test_errors_are_documents_for_programs(console: Console) -> None:
    """With `--json` an error is one object with `error`, `kind` and `hint` on stderr."""
    answer = console("show", "nothing", "--json")

    assert answer.out == ""
    assert answer.error == {
        "error": "no series 'nothing' in the library",
        "kind": "series_not_found",
        "hint": "add it first: aniworld add nothing",
    }
    assert len(answer.err.splitlines()) == 1


def test_wrong_use_is_a_document_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--json` a usage error is the same kind of object."""
    assert main(["--json", "fly"]) == 2
    assert '"kind": "usage"' in capsys.readouterr().err


def test_tracebacks_are_shown_on_request_only(console: Console) -> None:
    """Tracebacks are printed only with `-vv`."""
    console.loader.error = ProviderUnavailableError("fake", "it sleeps")

    assert "Traceback" not in console("search", "x").err
    assert "Traceback" not in console("search", "x", "-v").err
    assert "Traceback" in console("search", "x", "-vv").err


def test_tracebacks_hold_no_secrets(console: Console) -> None:
    """Causes from other libraries name whole links; user, password and query are left out."""
    console.loader.error = ProviderUnavailableError("fake", "it sleeps")
    console.loader.error.__cause__ = OSError("https://user:pass-w0rd@x.invalid/a?token=s3cret")

    answer = console("search", "x", "-vv").err

    assert "x.invalid/a" in answer
    assert "pass-w0rd" not in answer
    assert "s3cret" not in answer


def test_a_mistake_of_a_catalogue_is_one_line_too(console: Console) -> None:
    """An unexpected error of a catalogue is one line with its name; `-vv` adds the traceback."""

    class Broken(FakeLoader):
        async def search(self, query: str) -> list[object]:  # type: ignore[override]
            raise ZeroDivisionError(query)

    console.loader = Broken()

    answer = console("search", "x")

    assert answer.code == 7
    assert len(answer.err.splitlines()) == 1
    assert "adapter of fake has a bug: ZeroDivisionError: x" in answer.err


def test_a_mistake_of_the_program_is_one_line_too(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected error of the program is one line and an exit code."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("x")

    monkeypatch.setattr(MemorySeriesRepository, "summaries", broken)

    answer = console("list")

    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert "unexpected error: ZeroDivisionError: x" in answer.err


@pytest.mark.usefixtures("former_logging")
def test_a_configuration_that_breaks_rules_is_a_wrong_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not the input of this command that is wrong."""
    (tmp_path / "config.json").write_text('{"downloads": {"concurrent": 0}}')

    assert main(["--data-dir", str(tmp_path), "list"]) == 8
    assert "/downloads/concurrent" in capsys.readouterr().err


@pytest.mark.usefixtures("former_logging")
def test_wrong_settings_are_named_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the variable, the value and what is allowed."""
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    monkeypatch.setenv("ANIWORLD_ALLOWED_ADDRESSES", "nowhere")

    assert main(["--data-dir", str(tmp_path), "list"]) == 8
    said = capsys.readouterr().err
    assert "LOG_LEVEL" in said
    assert "ANIWORLD_ALLOWED_ADDRESSES" in said
    assert len(said.splitlines()) == 1


def test_a_terminal_without_unicode_is_enough(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Characters that the terminal's encoding lacks are printed as escapes."""
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console("add", "lanterns", "--name", "Über Ōkami 🐺")
    monkeypatch.setattr(sys, "stdout", ascii_only)

    assert console("list").code == 0
    assert console("list", "--json").code == 0

    shown = ascii_only.buffer.getvalue()
    assert b"\\xdcber \\u014ckami \\U0001f43a" in shown
    assert b'"\\u00dcber \\u014ckami \\ud83d\\udc3a"' in shown


def test_a_signal_before_anything_began_ends_it() -> None:
    """SIGTERM while the program is loading exits like Ctrl-C, without a traceback."""
    program = (
        "import os, signal\n"
        "from aniworld_cli import __main__, app\n"
        "app.run = lambda _: os.kill(os.getpid(), signal.SIGTERM)\n"
        "try:\n"
        "    __main__.main(['list'])\n"
        "finally:\n"
        "    print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (130, "aniworld: interrupted\n")
    assert done.stdout == "True\n"


@pytest.mark.parametrize("program", ["aniworld_cli", "aniworld_http"])
def test_the_end_of_a_program_collects_no_garbage(program: str) -> None:
    """At exit no object is left for the collector, which would walk all of them for nothing."""
    code = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        f"from {program} import __main__\n"
        "__main__.main(['--help'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "True", done.stderr


def test_completion_is_installed_for_a_shell(tmp_path: Path) -> None:
    """Installing completion writes only a script in the user's home folder."""
    done = _aniworld("--install-completion", "--shell", "bash", HOME=str(tmp_path))

    assert done.returncode == 0
    assert [p for p in tmp_path.rglob("*") if p.is_file() and "aniworld" in p.read_text()]


def _aniworld(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "aniworld_cli", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
    )


def test_the_start_of_a_key_names_a_series(console: Console) -> None:
    """Every command takes it; similar keys are named for one that does not exist."""
    console("add", "lanterns")

    for command in (
        ("show", "lant"),
        ("wanted", "lant", "S01E01"),
        ("queue", "add", "lant", "S01E01"),
        ("download", "lant", "S01E01", "--dry-run"),
        ("rename", "lant"),
        ("set", "lant", "--monitored", "yes"),
        ("files", "--series", "lant"),
    ):
        assert console(*command).code == 0, command
    answer = console("show", "lanterms")
    assert (answer.code, "did you mean lanterns?" in answer.err) == (3, True)


def test_a_start_of_several_keys_is_refused(console: Console) -> None:
    """The series are named, so that a person can choose."""
    console.loader = FakeLoader([make_series("alpha-one"), make_series("alpha-two")])
    console("add", "alpha-one")
    console("add", "alpha-two")

    answer = console("show", "alpha")

    assert answer.code == 2
    assert "alpha-one, alpha-two" in answer.err


def _commands(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, App]]:
    """Yield every command with its words."""
    for name in app:
        command = app[name]
        if not name.startswith("-"):
            if command.default_command is not None:
                yield " ".join((*path, name)), command
            yield from _commands(command, (*path, name))


def test_every_command_has_an_example_that_is_correct() -> None:
    """The arguments of each example are accepted, and belong to its own command."""
    app = build_app([Output(is_json=False)], {})
    commands = dict(_commands(app))

    assert set(EXAMPLES) == set(commands)
    for name, command in commands.items():
        found, bound, _ = app.parse_args(shlex.split(EXAMPLES[name]))
        assert found == command.default_command, name
        assert bound.arguments or len(EXAMPLES[name].split()) == len(name.split()), name


def test_every_default_is_shown(console: Console) -> None:
    """Help and manual page name the example and each default that is not empty or off."""
    app = build_app([Output(is_json=False)], {})
    for name, command in _commands(app):
        defaults = [
            text
            for argument in command.assemble_argument_collection()
            if argument.show and not argument.required
            if (text := default_text(argument.field_info.default)) is not None
        ]
        if not defaults:
            continue
        shown = " ".join(console(*name.split(), "--help").out.replace("│", " ").split())
        assert [text for text in defaults if f"[default: {text}]" not in shown] == [], name
        assert " ".join(example_text(name).split()) in shown


def test_the_manual_page_describes_every_command(console: Console) -> None:
    """It has each command with its options, example and default values."""
    page = console("help", "--man").out.replace("\\-", "-")

    assert page.startswith(".TH ANIWORLD 1")
    for name, example in EXAMPLES.items():
        assert f".SS aniworld {name}\n" in page
        assert f".B aniworld {example}\n" in page
    assert ".B --limit-rate\n" in page
    assert "Default: 80." in page


def test_the_shell_completes_keys_and_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tab asks the program, which offers the keys of the library and the names of settings."""

    async def fill() -> None:
        settings = Settings(data_dir=tmp_path)
        series = make_series(
            "lanterns",
            name="Laternen",
            provider="fake",
            site="fake.invalid",
            link="https://fake.invalid/lanterns",
        )
        async with open_application(settings, loaders=(FakeLoader([series]),)) as app:
            await app.catalogue.add(series.link)

    anyio.run(fill)
    for words, offered in (
        (("show", "lan"), "lanterns\tLaternen"),
        (("queue", "list", "--series", ""), "lanterns\tLaternen"),
        (("bulk", "download", "lanterns", ""), "lanterns\tLaternen"),
        (("config", "get", "downloads.lim"), "downloads.limit_rate"),
    ):
        assert run(["__complete", "--data-dir", str(tmp_path), *words]) == 0
        assert offered in capsys.readouterr().out, words


def test_tab_creates_no_data_folder(tmp_path: Path) -> None:
    """Completion before the first use offers no keys and writes nothing."""
    assert run(["__complete", "--data-dir", str(tmp_path / "data"), "show", ""]) == 0
    assert not (tmp_path / "data").exists()


def test_help_of_a_command(console: Console) -> None:
    """`help X` prints what `X --help` prints."""
    assert console("help", "show") == console("show", "--help")
    assert console("help").out.startswith("Usage: aniworld")


def test_a_mistyped_setting_is_recognised(console: Console) -> None:
    """Similar settings are named, for reading and for changing."""
    for command in (("get",), ("set",)):
        value = ("2",) if command == ("set",) else ()
        answer = console("config", *command, "downloads.retires", *value)
        assert answer.code == 3
        assert "downloads.retries" in answer.err


def test_the_readme_lists_every_command() -> None:
    """The table of the package names each command."""
    readme = Path(__file__).parents[2] / "packages/aniworld-cli/README.md"
    table = [line for line in readme.read_text().splitlines() if line.startswith("| `")]
    named = {words[0] for row in table for part in row.split("`")[1::2] if (words := part.split())}

    app = build_app([Output()], {})
    assert {name for name in app if not name.startswith("-")} - named == set()
