"""Arguments that do not fit: one sentence, in English and German."""

from pathlib import Path

import pytest

from aniworld_cli.app import run
from support.console import Console

WRONG = [
    (("history", "--limit", "-1"), "'-1' is not possible for --limit; use 1 or more"),
    (("statistics", "--weeks", "0"), "'0' is not possible for --weeks; use 1 to 260"),
    (("serve", "--port", "70000"), "'70000' is not possible for --port; use 0 to 65535"),
    (("serve", "--port", "abc"), "'abc' is not a whole number, which --port needs"),
    (("history", "--kidn", "x"), "unknown option '--kidn'; did you mean --kind?"),
    (("history", "--kind", "quued"), "did you mean queued?"),
    (("undo", "1e5"), "'1e5' is not a whole number, which ID needs"),
    (("show",), "KEY is missing"),
    (("show", "a", "b"), "the argument 'b' is one too many"),
    (("history", "--limit"), "--limit needs a value"),
    (("history", "--limit", "1", "--limit", "2"), "--limit is given more than once"),
    (("history", "--kind", "a" * 5000), "…' is not possible for --kind"),
    (("identify", "--all", "--max-age", "9" * 20), "use 0 to 36500"),
    (("import", "~no-such-user/x"), "there is no home folder for ~no-such-user/x"),
    (("fetch", "http://x.invalid", "-o", "~no-such-user/x"), "there is no home folder for"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments_are_explained(
    console: Console, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    """The sentence names the argument, and what is possible; the German one has no English."""
    english = console(*arguments)
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "de")
    german = console(*arguments)

    assert (english.code, english.out) == (german.code, german.out) == (2, "")
    assert len(english.err.splitlines()) == len(german.err.splitlines()) == 1
    assert said in english.err
    assert len(english.err) < 500
    for word in ("possible", "needs", "missing", "unknown", "given", "there is", "see "):
        assert word not in german.err


@pytest.mark.parametrize("option", ["--data-dir", "--library"])
@pytest.mark.parametrize("value", ["", " ", "~no-such-user/x", "a" * 5000])
def test_a_folder_that_cannot_be_one_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
) -> None:
    """An unset variable does not stand for the current folder, and nothing is created."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "en")

    assert run(["list", option, value]) == 2

    said = capsys.readouterr().err
    assert said.startswith(f"aniworld: {option}: ")
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
