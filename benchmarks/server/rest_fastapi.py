"""The peer: FastAPI on uvicorn with uvloop, everything in memory, tokens checked by PyJWT."""

import asyncio
import json
import socket
import sys
import time
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

SECRET = "k" * 32
BEGAN = time.monotonic()


class Health(BaseModel):
    status: str
    version: str
    uptime_seconds: float


class Summary(BaseModel):
    is_running: bool
    is_paused: bool
    pending: int
    downloading: int
    completed: int
    failed: int
    speed_mbps: float
    eta_seconds: float | None


class AnimeSummary(BaseModel):
    key: str
    name: str
    site: str
    folder: str
    missing_episodes: dict[str, list[int]]
    link: str
    provider: str
    have: int
    total: int
    cover_url: str | None
    year: int | None
    monitored: bool
    added_at: str | None


app = FastAPI()
library: list[AnimeSummary] = []


def caller(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> str:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError as exc:
        raise HTTPException(401) from exc
    return str(claims["sub"])


@app.get("/health")
async def health() -> Health:
    return Health(status="ok", version="0.1.0", uptime_seconds=time.monotonic() - BEGAN)


@app.get("/api/queue/summary")
async def summary(_caller: Annotated[str, Depends(caller)]) -> Summary:
    return Summary(
        is_running=True,
        is_paused=False,
        pending=0,
        downloading=0,
        completed=0,
        failed=0,
        speed_mbps=0.0,
        eta_seconds=None,
    )


@app.get("/api/anime")
async def anime(_caller: Annotated[str, Depends(caller)]) -> list[AnimeSummary]:
    return library


def make(number: int) -> AnimeSummary:
    key = f"series-{number:04}"
    return AnimeSummary(
        key=key,
        name=f"Series {number:04}",
        site="example.org",
        folder=f"Series {number:04}",
        missing_episodes={"1": [1, 2]},
        link=f"https://example.org/{key}",
        provider="example",
        have=0,
        total=2,
        cover_url=None,
        year=None,
        monitored=True,
        added_at="2026-01-01T12:00:00.000Z",
    )


async def main(amount: int) -> None:
    library.extend(make(number) for number in range(amount))
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = uvicorn.Config(app, log_level="error", access_log=False)
    task = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listener]))
    token = jwt.encode({"sub": "master", "exp": time.time() + 3600}, SECRET, algorithm="HS256")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    paths = {"small": "/health", "authenticated": "/api/queue/summary", "list": "/api/anime"}
    print(json.dumps({"address": address, "token": token, "paths": paths}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    task.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
