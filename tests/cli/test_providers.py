"""`aniworld providers`."""

from typing import Any

from aniworld_core.errors import NeedsPersonError
from cli.console import Console


def _by_name(console: Console) -> dict[str, Any]:
    answer = console("providers", "--json")
    assert answer.code == 0
    return {f"{view['kind']} {view['name']}": view for view in answer.json}


def test_a_catalogue_that_answers_is_ok(console: Console) -> None:
    """It was asked something harmless."""
    views = _by_name(console)

    assert views["catalogue fake"] == {
        "name": "fake",
        "site": "fake.invalid",
        "kind": "catalogue",
        "enabled": True,
        "status": "ok",
        "detail": "",
    }
    assert len(console.loader.calls) == 1


def test_a_catalogue_that_does_not_answer_says_why(console: Console) -> None:
    """The command itself did what it was asked."""
    console.loader.error = NeedsPersonError("fake.invalid", "https://fake.invalid/check")

    view = _by_name(console)["catalogue fake"]

    assert view["status"] == "needs_person"
    assert "https://fake.invalid/check" in view["detail"]


def test_what_is_installed_and_off_is_listed_as_well(console: Console) -> None:
    """The demo is off outside its own command; how to switch it on is told."""
    view = _by_name(console)["catalogue demo"]

    assert (view["status"], view["enabled"]) == ("disabled", False)
    assert "providers.demo.enabled" in view["detail"]


def test_stream_providers_are_listed(console: Console) -> None:
    """Whoever wonders why a link is not taken finds them here."""
    kinds = {view["kind"] for view in _by_name(console).values()}

    assert kinds == {"catalogue", "resolver", "fetcher"}


def test_people_get_one_line_each(console: Console) -> None:
    """Name, kind, site, status."""
    assert console("providers").rows[0][:4] == ["fake", "catalogue", "fake.invalid", "ok"]
