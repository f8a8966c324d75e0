"""Links in errors: what is shown, and what a person needs to open the page."""

import pytest

from aniworld_core.errors import NeedsPersonError, shown_link


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://user:pass@h.example/watch?v=1#t", "https://h.example/watch"),
        ("https://user:pa/ss@h.example/a", "https://h.example/a"),
        ("https://h.example:8443/x?u=a@b", "https://h.example:8443/x"),
        ("http://[::1]:80/x?y", "http://[::1]:80/x"),
        ("h.example/x?token=1", "h.example/x"),
    ],
)
def test_a_shown_link_has_no_user_password_or_query(link: str, shown: str) -> None:
    """Scheme, host, port and path stay readable."""
    assert shown == shown_link(link)


def test_a_page_for_a_person_keeps_its_query() -> None:
    """The link opens the page; the message, which is logged, has no query."""
    error = NeedsPersonError("h.example", "https://user:pass@h.example/watch?v=1")

    assert error.link == "https://h.example/watch?v=1"
    assert error.link in (error.hint or "")
    assert "v=1" not in str(error)
    assert "pass" not in f"{error} {error.hint} {error.link}"
