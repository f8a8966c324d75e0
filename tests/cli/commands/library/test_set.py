"""`aniworld set`."""

import pytest

from support.console import Console


def test_settings_of_a_series_are_changed_and_shown(console: Console) -> None:
    """Only what is given changes, and `default` returns to the configuration."""
    console("add", "lanterns")

    answer = console("set", "lanterns", "--languages", "ger-sub,jpn", "--monitored", "no")
    assert answer.code == 0
    assert ["Languages: ger-sub, jpn"] in answer.rows
    assert ["Monitored: no"] in answer.rows

    shown = console("set", "lanterns", "--quality", "720p", "--json").json
    assert (shown["languages"], shown["quality"], shown["monitored"]) == (
        ["ger-sub", "jpn"],
        "720p",
        False,
    )
    again = console("set", "lanterns", "--languages", "default", "--quality", "default", "--json")
    assert (again.json["languages"], again.json["quality"]) == (None, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing to change"),
        (("--languages", "klingon"), "klingon"),
        (("--folder", "../x"), "../x"),
        (("--monitored", "maybe"), "maybe"),
    ],
)
def test_mistakes_change_nothing(console: Console, options: tuple[str, ...], said: str) -> None:
    """Each is one sentence that names the value."""
    console("add", "lanterns")
    before = console("show", "lanterns", "--json").json

    answer = console("set", "lanterns", *options)

    assert answer.code == 2
    assert said in answer.err
    assert console("show", "lanterns", "--json").json == before
