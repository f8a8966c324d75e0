"""Probes of the section `oidc`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from support.identity_provider import CLIENT, SECRET, IdentityProvider, open_provider
from support.live_settings.probe import Probe, World, served


@asynccontextmanager
async def _providers(world: World) -> AsyncIterator[None]:
    """Serve two identity providers."""
    async with (
        open_provider(world.clock.now) as one,
        open_provider(world.clock.now) as two,
    ):
        world.made |= {"one": one, "two": two}
        yield


def _provider(world: World, name: str = "one") -> IdentityProvider:
    provider: IdentityProvider = world.made[name]
    return provider


def _given(**more: object) -> Callable[[World], Mapping[str, object]]:
    """Return what configures the first provider, with some settings changed."""

    def given(world: World) -> Mapping[str, object]:
        oidc = {
            "issuer": _provider(world).address,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "public_url": "https://anime.example",
            "request_groups": ["anime"],
            **more,
        }
        return {"oidc": oidc}

    return given


async def _start(world: World) -> tuple[str, str]:
    """Begin a sign-in; return the address at the provider and the cookie."""
    response = await world.served.call("POST", "/login/oidc/start", {}, token="")
    assert response.status == 200, await response.text()
    (cookie,) = response.cookies.values()
    world.served.client.session.cookie_jar.clear()
    return (await response.json())["location"], cookie.value


async def _provider_used(world: World) -> object:
    """Return the name of the provider to which a sign-in leads."""
    location, _ = await _start(world)
    names = ("one", "two")
    return [name for name in names if location.startswith(_provider(world, name).address)]


def _asked(field: str) -> Callable[[World], Awaitable[object]]:
    """Return a look at what the provider is asked."""

    async def look(world: World) -> object:
        location, _ = await _start(world)
        return parse_qs(urlsplit(location).query)[field][0]

    return look


async def _role(world: World) -> object:
    """Sign a new user in; return the role, or the status if it is refused."""
    provider = _provider(world)
    location, cookie = await _start(world)
    world.made[f"user {len(world.made)}"] = True
    provider.claims["sub"] = provider.claims["preferred_username"] = f"user-{len(world.made)}"
    body = {"state": provider.approve(location), "code": "code-1"}
    headers = {"Cookie": f"aniworld_oidc={cookie}"}
    server = world.served
    answer: tuple[int, Any] = await server.json(
        "POST", "/login/oidc/finish", body, token="", headers=headers
    )
    if answer[0] != 200:
        return answer[0]
    _, me = await server.json("GET", "/api/auth/me", token=answer[1]["access_token"])
    return me["role"]


async def _button(world: World) -> object:
    """Return the name of the provider on the sign-in page."""
    text = await (await world.served.call("GET", "/login", token="")).text()
    return text.partition("Sign in with ")[2].partition("<")[0].strip()


def _probe(observe: Callable[[World], Awaitable[object]], **fields: Any) -> Probe:
    return Probe(**{"given": _given(), **fields}, observe=observe, open=served, beside=_providers)


_NO_GROUPS: Final = _given(request_groups=[])

SIGN_IN: Final[Mapping[str, Probe]] = {
    "oidc.issuer": _probe(
        _provider_used,
        values=lambda world: (_provider(world).address, _provider(world, "two").address),
        seen=(["one"], ["two"]),
        given=_given(client_secret=""),
    ),
    "oidc.client_id": _probe(
        _asked("client_id"),
        values=("first", "second"),
        seen=("first", "second"),
        given=_given(client_secret=""),
    ),
    "oidc.client_secret": _probe(_role, values=("wrong", SECRET), seen=(403, "request")),
    "oidc.public_url": _probe(
        _asked("redirect_uri"),
        values=("https://a.example", "https://b.example/tv"),
        seen=("https://a.example/login", "https://b.example/tv/login"),
    ),
    "oidc.label": _probe(_button, values=("Attic", "Cellar"), seen=("Attic", "Cellar")),
    "oidc.scopes": _probe(_asked("scope"), values=([], ["email"]), seen=("openid", "openid email")),
    "oidc.groups_claim": _probe(_role, values=("teams", "groups"), seen=(403, "request")),
    "oidc.manage_groups": _probe(
        _role, values=([], ["anime"]), seen=(403, "manage"), given=_NO_GROUPS
    ),
    "oidc.request_groups": _probe(
        _role, values=([], ["anime"]), seen=(403, "request"), given=_NO_GROUPS
    ),
    "oidc.view_groups": _probe(_role, values=([], ["anime"]), seen=(403, "view"), given=_NO_GROUPS),
    "oidc.default_role": _probe(
        _role, values=("none", "view"), seen=(403, "view"), given=_NO_GROUPS
    ),
}
