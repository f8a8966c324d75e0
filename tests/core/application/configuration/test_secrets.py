"""A hidden secret is restored for its own address only."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.application.configuration import REDACTED, merged, redacted, restored_secrets
from aniworld_core.application.configuration.secrets import _is_same

#: Known and unknown sections with a secret and its address.
BOUND: dict[str, Any] = {
    "network": {"proxy": "http://user:S3CRET@proxy:1"},
    "notifications": {"webhooks": ["https://h/S3CRET-hook"], "webhook_secret": "S3CRET"},
    "providers": {
        "archive": {"base_url": "", "username": "me", "password": "S3CRET", "proxy": ""},
        "dav": {"base_url": "https://u:S3CRET@dav/", "proxy": "http://u:S3CRET@p:1"},
        "jellyfin": {
            "base_url": "",
            "proxy": "",
            "servers": [
                {"name": "a", "base_url": "http://a", "username": "u", "password": "S3CRET-a"},
                {"name": "b", "base_url": "https://b", "username": "u", "token": "S3CRET-b"},
                {"name": "a", "base_url": "https://c", "username": "u", "token": "S3CRET-c"},
            ],
        },
    },
    "mail": {"host": "mail", "port": 25, "scheme": "smtps", "login": {"password": "S3CRET"}},
    "later": {"server_url": "https://x", "headers": [{"Authorization": "S3CRET"}]},
}
_JELLYFIN: Final = BOUND["providers"]["jellyfin"]["servers"]


def _at(document: Any, names: Sequence[str]) -> Any:
    for name in names:
        document = document[int(name) if isinstance(document, list) else name]
    return document


def _nested(names: Sequence[str], value: object) -> Any:
    for name in reversed(names):
        value = {name: value}
    return value


@pytest.mark.parametrize(
    ("path", "value", "asked"),
    [
        ("providers.archive.base_url", "https://evil", "providers.archive.password"),
        ("providers.archive.username", "other", "providers.archive.password"),
        ("providers.archive.api_url", "https://evil", "providers.archive.password"),
        ("providers.dav.base_url", f"https://{REDACTED}@evil/", "providers.dav.base_url"),
        ("providers.dav.base_url", f"http://{REDACTED}@dav/", "providers.dav.base_url"),
        ("providers.dav.proxy", f"http://{REDACTED}@evil:1", "providers.dav.proxy"),
        ("providers.jellyfin.servers.0.base_url", "http://evil", "providers.jellyfin.servers.0"),
        ("providers.jellyfin.servers.0.base_url", "https://a", "providers.jellyfin.servers.0"),
        ("providers.jellyfin.servers.0.base_url", "http://a:8", "providers.jellyfin.servers.0"),
        ("providers.jellyfin.servers.0.username", "x", "providers.jellyfin.servers.0"),
        ("providers.jellyfin.servers.1.base_url", "http://a", "providers.jellyfin.servers.1"),
        ("providers.jellyfin.proxy", "http://evil", "providers.jellyfin.servers.0"),
        ("network.proxy", "http://evil", "providers.jellyfin.servers.0"),
        ("network.proxy", f"http://{REDACTED}@evil:1", "network.proxy"),
        ("notifications.webhooks", [REDACTED, "https://evil"], "notifications.webhook_secret"),
        ("notifications.webhooks", [REDACTED, REDACTED], "notifications.webhooks.1"),
        ("mail.host", "evil", "mail.login.password"),
        ("mail.port", 26, "mail.login.password"),
        ("mail.scheme", "smtp", "mail.login.password"),
        ("later.server_url", "https://evil", "later.headers"),
    ],
)
@pytest.mark.parametrize("is_partial", [False, True])
def test_a_secret_is_bound_to_its_address(
    path: str, value: object, asked: str, is_partial: bool
) -> None:
    """With a changed address the secret stays hidden, and the document is refused.

    This also applies to a partial document without the secret.
    """
    view: Any = redacted(BOUND)
    *parents, last = path.split(".")
    _at(view, parents)[last] = value
    if is_partial:  # Lists are sent completely, all other settings alone.
        depth = next((i for i, name in enumerate(parents) if name.isdigit()), len(parents) + 1)
        names = path.split(".")[:depth]
        view = _nested(names, _at(view, names))
    place = _at(merged(BOUND, restored_secrets(view, BOUND)), asked.split("."))

    assert REDACTED in json.dumps(place)
    assert "S3CRET" not in json.dumps(place)


@given(
    servers=st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from("abx"),
                "base_url": st.sampled_from(["http://a", "https://b", "https://c", "http://evil"]),
                "username": st.sampled_from("ux"),
                "password": st.just(REDACTED),
                "token": st.just(REDACTED),
            }
        ),
        max_size=5,
    )
)
def test_no_list_of_servers_moves_a_secret(servers: list[dict[str, str]]) -> None:
    """Reordered, renamed or repeated servers get secrets of their own address only."""
    document = {"providers": {"jellyfin": {"servers": servers}}}
    back: Any = restored_secrets(document, BOUND)
    stored = {(each["base_url"], each["username"]): each for each in _JELLYFIN}
    for each in back["providers"]["jellyfin"]["servers"]:
        own = stored.get((each["base_url"], each["username"]), {})
        for name in ("password", "token"):
            assert each[name] in {own.get(name, REDACTED), REDACTED}


def test_secrets_stay_where_the_address_stays() -> None:
    """Changes of order, names, removed servers and proxies for TLS need no secret."""
    view: Any = redacted(BOUND)
    view["providers"]["jellyfin"]["servers"].reverse()
    view["providers"]["jellyfin"]["servers"][0]["name"] = "renamed"
    view["providers"]["archive"]["proxy"] = "http://other:1"
    view["notifications"]["webhooks"] = []
    view["mail"]["enabled"] = True
    assert REDACTED not in json.dumps(restored_secrets(view, BOUND))
    parts: Sequence[Any] = (
        {"network": {"proxy": ""}},
        {"providers": {"archive": {"enabled": True}}},
        {"providers": {"archive": {"base_url": "https://new", "password": "new"}}},
        {"providers": {"jellyfin": {"servers": [{"name": "a", "base_url": "https://new"}]}}},
    )
    for part in parts:
        assert restored_secrets(part, BOUND) == part


def test_addresses_of_notifications_are_hidden_whole() -> None:
    """An Apprise URL and a webhook may hold a token in any of their parts."""
    urls = {"urls": ["ntfy://S3CRET"], "webhooks": ["https://h/S3CRET"], "webhook_secret": "S3CRET"}

    assert "S3CRET" not in json.dumps(redacted({"notifications": urls}))


@pytest.mark.parametrize(
    ("value", "hidden", "stored", "is_same"),
    [
        ("a", "b", "a", True),
        ("b", "b", "a", True),
        ("c", "b", "a", False),
        ("", "", "", True),
        (None, "", None, True),
        ("", "b", "a", False),
        (None, "b", "a", False),
        ("a", "", "", False),
        (["x"], ["y"], ["x"], True),
        (["y"], ["y"], ["x"], True),
        ([], ["y"], ["x"], True),
        (["x", "z"], ["y"], ["x"], False),
        (("x",), None, ("x",), True),
        (["x"], None, None, False),
    ],
)
def test_an_address_is_the_same_if_it_is_stored_or_shown(
    value: object, hidden: object, stored: object, is_same: bool
) -> None:
    """An emptied address is another one, and a list may have lost entries."""
    assert _is_same(value, hidden, stored) == is_same
