"""A site on loopback with prepared answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A site with a list of next answers and a log of requests."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[web.Response | Answer] = []
        self.requests: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the next answer; repeat the last one."""
        self.requests.append(request)
        following = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(following, web.Response):
            return web.Response(
                status=following.status, headers=following.headers, body=following.body
            )
        return await following(request)


@asynccontextmanager
async def served(application: web.Application) -> AsyncIterator[str]:
    """Serve an application on loopback; return its address."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """Let a function answer every request on loopback; return the address."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with served(application) as url:
        yield url


@asynccontextmanager
async def serve_pages() -> AsyncIterator[Site]:
    """Serve one site."""
    site = Site()
    async with serving(site.answer) as site.url:
        yield site


def html(text: str = "<html>fine</html>", status: int = 200, **headers: str) -> web.Response:
    """Return an answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, headers=named, body=text.encode())
