"""Files in deploy/: health check, proxies, and several instances on one host."""

import ipaddress
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest

from aniworld_core.testing.fakes import FakeHasher
from aniworld_http.app import make_app
from aniworld_http.lifespan import serving
from aniworld_http.settings import HttpSettings
from support.application_stage import PausingClock, open_stage
from support.http_stage import KEY, PASSWORD, open_server

pytestmark = pytest.mark.anyio

_DEPLOY = Path(__file__).parents[2] / "deploy"


async def _health(**variables: str) -> int:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ANIWORLD_")}
    command = [sys.executable, str(_DEPLOY / "health.py")]
    done = await anyio.run_process(command, env={**environment, **variables}, check=False)
    return done.returncode


@pytest.mark.parametrize(
    ("host", "base"),
    [("127.0.0.1", "/"), ("0.0.0.0", "/aniworld"), ("::", "/a/b"), ("::1", "/")],  # noqa: S104
)
async def test_the_health_check_uses_the_configured_address(
    tmp_path: Path, host: str, base: str
) -> None:
    """It uses host, port and base path, and fails for another address."""
    async with open_stage(tmp_path, has_library=False, clock=PausingClock()) as stage:
        settings = HttpSettings(secret_key=KEY, host=host, port=0, base_path=base)
        app = make_app(stage.app, settings, hasher=FakeHasher())
        try:
            async with serving(app, lambda _line: None) as address:
                port = str(urlsplit(address).port)
                where = {
                    "ANIWORLD_HOST": host,
                    "ANIWORLD_BASE_PATH": base,
                    "http_proxy": "http://x",
                }
                found = await _health(ANIWORLD_PORT=port, **where)
                where["ANIWORLD_BASE_PATH"] = "/elsewhere"
                missed = await _health(ANIWORLD_PORT=port, **where)
        except OSError as error:  # pragma: no cover - a machine without IPv6
            pytest.skip(str(error))
        gone = await _health(ANIWORLD_PORT=port, ANIWORLD_HOST=host)

    assert (found, missed, gone) == (0, 1, 1)


def test_the_container_uses_the_health_check() -> None:
    """The image contains it, without a port or path of its own."""
    text = (_DEPLOY / "Dockerfile").read_text()
    check = text[text.index("HEALTHCHECK") :].partition("\nCMD")[0]

    assert "COPY deploy/entrypoint.py deploy/health.py /opt/aniworld/\n" in text
    assert "/opt/aniworld/health.py" in check
    assert not re.search(r"8000|/health/", check)


def test_nginx_passes_the_port_on() -> None:
    """`$host` has no port, but the port is part of an origin."""
    text = (_DEPLOY / "nginx.conf").read_text()

    assert "proxy_set_header Host $http_host;" in text
    assert "$host;" not in text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Host": "media.example:8443"}, 200),
        ({"Host": "media.example", "X-Forwarded-Port": "8443"}, 200),
        ({"Host": "media.example", "X-Forwarded-Host": "media.example:8443"}, 200),
        ({"Host": "127.0.0.1:8000", "X-Forwarded-Host": "media.example:8443"}, 200),
        ({"Host": "media.example", "X-Forwarded-Host": "x, media.example:8443"}, 200),
        ({"Host": "media.example"}, 403),
        ({"Host": "media.example", "X-Forwarded-Port": "9999"}, 403),
        ({"Host": "media.example:9999"}, 403),
        ({"Host": "media.example", "X-Forwarded-Host": "other.example:8443"}, 403),
        ({"Host": "media.example", "X-Forwarded-Host": "media.example:8443, x"}, 403),
    ],
)
@pytest.mark.parametrize("is_trusted", [True, False])
async def test_a_trusted_proxy_may_report_another_port(
    tmp_path: Path, sent: dict[str, str], status: int, is_trusted: bool
) -> None:
    """Without a trusted proxy only `Host` counts; the refusal explains the reason."""
    proxies = (ipaddress.ip_network("127.0.0.1"),) if is_trusted else ()
    settings = HttpSettings(secret_key=KEY, trusted_proxies=proxies)
    async with open_server(tmp_path, settings=settings) as server:
        hosts = {"network": {"allowed_hosts": ["media.example"]}}
        assert (await server.call("PUT", "/api/config", hosts)).status == 200
        headers = {"Origin": "https://media.example:8443", **sent}
        seen, problem = await server.json(
            "POST", "/api/auth/login", {"password": PASSWORD}, headers=headers, token=""
        )

    if not is_trusted and sent["Host"] != "media.example:8443":
        status = 403
    assert seen == status
    if status == 403 and urlsplit(f"//{sent['Host']}").hostname == "media.example":
        assert "$http_host" in problem["hint"]


async def test_instances_refuse_tokens_of_each_other(tmp_path: Path) -> None:
    """A session is in one database only, even if instances share a signing key."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one = HttpSettings(secret_key=KEY, base_path="/a")
    other = HttpSettings(secret_key=KEY, base_path="/b")
    async with (
        open_server(tmp_path / "a", settings=one, signed_in=False) as first,
        open_server(tmp_path / "b", settings=other, signed_in=False) as second,
    ):
        tokens = []
        for server, base in ((first, "/a"), (second, "/b")):
            body = {"master_password": PASSWORD, "code": server.setup_code}
            assert (await server.call("POST", f"{base}/api/auth/setup", body)).status == 201
            _, made = await server.json(
                "POST", f"{base}/api/auth/login", {"password": PASSWORD}, token=""
            )
            tokens.append(made["access_token"])
        own = await second.call("GET", "/b/api/config", token=tokens[1])
        foreign = await second.call("GET", "/b/api/config", token=tokens[0])

    assert (own.status, foreign.status) == (200, 401)


def test_every_stored_name_has_the_base_path_in_it() -> None:
    """Instances on one host share browser storage; each uses names of its own."""
    static = Path(__file__).parents[2] / "packages/aniworld-http/src/aniworld_http/web/static"
    uses = re.compile(r"(?:local|session)Storage\.\w+\(\s*([^,)]+)")
    names: dict[str, set[str]] = {}
    for path in static.rglob("*.js"):
        text = path.read_text("utf-8")
        for name in uses.findall(text):
            names.setdefault(path.name, set()).add(name)
            made = f"const {name} = storageKey("
            assert made in text or name in {"TOKEN_KEY", "tokenKey(address"}, (path.name, name)
    assert set(names) >= {"session.js", "websocket_client.js", "library.js"}
