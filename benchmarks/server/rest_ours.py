"""Our server with a library in SQLite, as people run it, but without a limit on requests."""

import asyncio
import itertools
import json
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeHasher
from aniworld_http.app import make_app
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan import serving
from aniworld_http.security.rate_limits import REQUEST_COUNTER, RateLimits, RequestCounter
from aniworld_http.settings import HttpSettings

PASSWORD = "Correct-Horse-7"


class UncountedRequests(RequestCounter):
    """Counts as ever, but nobody comes often enough to be refused."""

    def __init__(self) -> None:
        super().__init__(RateLimits())
        self._visits = itertools.count()

    async def count_request(self, amount: int, *names: str) -> None:
        visitor = next(self._visits) // amount
        await super().count_request(amount, *names, str(visitor))


async def main(amount: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.mkdir()
        # Scanning a library that is made up would compete with the answers.
        (data / "config.json").write_text('{"scheduler": {"enabled": false}}')
        settings = Settings(data_dir=data, anime_directory=Path(folder))
        async with open_application(settings, loaders=[], resolvers=[], fetchers=[]) as application:
            for number in range(amount):
                await application.storage.series.add(make_series(f"series-{number:04}"))
            http = HttpSettings(secret_key=b"k" * 32, port=0)
            app = make_app(application, http, hasher=FakeHasher())
            app[REQUEST_COUNTER] = UncountedRequests()
            async with serving(app, _nobody_listens) as address:
                await tell(app, address)
                await asyncio.to_thread(sys.stdin.readline)


async def tell(app: web.Application, address: str) -> None:
    """Say where it is and with which token."""
    await app[AUTHENTICATOR].password.set_up(PASSWORD)
    token = (await app[AUTHENTICATOR].sign_in(PASSWORD)).token
    paths = {"small": "/health", "authenticated": "/api/queue/summary", "list": "/api/anime"}
    print(json.dumps({"address": address.rstrip("/"), "token": token, "paths": paths}), flush=True)


def _nobody_listens(_line: str) -> None:
    pass


asyncio.run(main(int(sys.argv[1])))
