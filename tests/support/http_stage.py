"""A server on the memory adapters, and a client for it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from aniworld_core.testing.fakes import FakeHasher
from aniworld_http.app import make_app
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.security.setup_code import SETUP_CODE
from aniworld_http.settings import HttpSettings
from support.application_stage import PausingClock, Stage, open_stage

PASSWORD: Final = "Correct-Horse-7"
KEY: Final = b"k" * 32
#: Rate limits that no test reaches.
FREELY: Final = RateLimits(**{each.name: 10**6 for each in attrs.fields(RateLimits)})

Answer = tuple[int, Any]


@attrs.define(eq=False)
class Server:
    """A running server with its application and client."""

    stage: Stage
    app: web.Application
    client: TestClient[web.Request, web.Application]
    token: str = ""

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> ClientResponse:
        """Send a request with the token of the session; `token=""` sends none."""
        token = self.token if token is None else token
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        sent.update(headers or {})
        response = await self.client.request(method, path, json=body, headers=sent)
        await response.read()
        return response

    async def json(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        """Send a request; return the status and the JSON of the response, if any."""
        response = await self.call(method, path, body, **options)
        is_json = "json" in response.content_type and method != "HEAD"
        return response.status, (await response.json(content_type=None)) if is_json else None

    @property
    def setup_code(self) -> str:
        """The one-time code of this start."""
        return self.app[SETUP_CODE].value

    async def set_up(self, **fields: object) -> Answer:
        """Set the first password with the code of this start; *fields* change the body."""
        body = {"master_password": PASSWORD, "code": self.setup_code, **fields}
        return await self.json("POST", "/api/auth/setup", body, token="")

    async def sign_in(self) -> str:
        """Set the password if there is none, and sign in."""
        await self.set_up()
        status, body = await self.json("POST", "/api/auth/login", {"password": PASSWORD}, token="")
        assert status == 200, body
        self.token = body["access_token"]
        return self.token


@asynccontextmanager
async def open_server(
    folder: Path,
    *,
    signed_in: bool = True,
    settings: HttpSettings | None = None,
    limits: RateLimits | None = None,
    needs_setup_code: bool = True,
    ready_password: str = "",
    configure: Callable[[web.Application], None] = lambda _app: None,
    **stage_options: Any,
) -> AsyncIterator[Server]:
    """Open an application on the memory adapters and serve it.

    Args:
        folder: Folder of its library and data.
        signed_in: Whether a password is set and the client has a session.
        settings: The server's settings.
        limits: Rate limits; the documented ones when not given.
        needs_setup_code: Whether the first password needs the one-time code.
        ready_password: The password that a demo chose.
        configure: Changes the server before it starts.
        stage_options: Further arguments of `open_stage`.
    """
    async with open_stage(folder, **{"clock": PausingClock(), **stage_options}) as stage:
        app = make_app(
            stage.app,
            settings or HttpSettings(secret_key=KEY),
            hasher=FakeHasher(),
            limits=limits,
            needs_setup_code=needs_setup_code,
            ready_password=ready_password,
        )
        configure(app)
        async with TestClient(TestServer(app)) as client:
            server = Server(stage=stage, app=app, client=client)
            if signed_in:
                await server.sign_in()
            yield server
