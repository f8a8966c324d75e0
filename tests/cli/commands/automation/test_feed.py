"""`aniworld calendar-feed`."""

from support.console import Console


def test_a_token_is_created_listed_and_revoked(console: Console) -> None:
    """The secret is printed only once; the list has its name and id."""
    created = console("calendar-feed", "create", "phone", "--json")
    listed = console("calendar-feed", "list", "--json")

    assert created.code == 0
    token, feed_id = created.json["token"], created.json["id"]
    assert created.json["path"] == f"/api/calendar.ics?token={token}"
    assert [(f["id"], f["name"]) for f in listed.json["feeds"]] == [(feed_id, "phone")]
    assert token not in listed.out
    assert console("calendar-feed", "revoke", feed_id).code == 0
    assert console("calendar-feed", "list", "--json").json["feeds"] == []


def test_the_printed_line_is_the_path(console: Console) -> None:
    """Only the path is on stdout, so that scripts can use it."""
    answer = console("calendar-feed", "create", "phone")

    assert answer.out.startswith("/api/calendar.ics?token=aw_")
    assert len(answer.out.splitlines()) == 1


def test_an_unknown_token_cannot_be_revoked(console: Console) -> None:
    """The command ends with the exit code of things that do not exist."""
    assert console("calendar-feed", "revoke", "nothing").code == 3
