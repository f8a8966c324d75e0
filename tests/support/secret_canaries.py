"""A server that is used with secrets, and what it writes and tells of them."""

import asyncio
import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import anyio
import attrs
from aiohttp import ClientSession
from yarl import URL

from aniworld_core.testing.waiting import PATIENCE

PASSWORD = "Canary-Password-7"
SECRETS = {
    "wrong password": "Canary-Wrong-8",
    "next password": "Canary-Next-9",
    "notification": "canary-notify-user",
    "provider": "canary-provider-password",
    "query": "canary-query-token",
}


async def _use(address: str, code: str, answers: list[str]) -> list[str]:
    """Use the server with secrets; return those that the server created."""
    made: list[str] = [code]
    headers: dict[str, str] = {}
    async with ClientSession(address) as client:

        async def ask(method: str, path: str, body: object = None) -> Any:
            url = URL(path, encoded=True)
            async with client.request(method, url, json=body, headers=headers) as answer:
                text = await answer.text()
                answers.append(text)
                return json.loads(text) if text.startswith(("{", "[")) else None

        await ask("POST", "/api/auth/setup", {"master_password": PASSWORD, "code": code})
        await ask("POST", "/api/auth/login", {"password": SECRETS["wrong password"]})
        token = (await ask("POST", "/api/auth/login", {"password": PASSWORD}))["access_token"]
        answers.pop()  # The token is returned once.
        headers["Authorization"] = f"Bearer {token}"
        key = (await ask("POST", "/api/auth/keys", {"name": "tv", "scope": "read"}))["key"]
        answers.pop()  # So is the key.
        made += [token, token.rpartition(".")[2], key]
        change = {
            "notifications": {"urls": [f"json://{SECRETS['notification']}:x@127.0.0.1:9/"]},
            "providers": {"archive": {"password": SECRETS["provider"]}},
        }
        for path in ("/api/config", "/api/config/validate"):
            await ask("PUT" if path.endswith("config") else "POST", path, change)
        await ask("POST", "/api/config/backups")
        await ask("PUT", "/api/config", {"data_dir": "/x", "current_password": "Canary-Wrong-8"})
        await ask("GET", f"/api/config?token={SECRETS['query']}")
        await ask("GET", f"/api/anime?search={SECRETS['query']}")
        for path in ("/api/config", "/api/config/backups", "/api/auth/keys", "/api/logs"):
            await ask("GET", path)
        for path in ("/health/detailed", "/api/providers", "/metrics", "/api/openapi.json"):
            await ask("GET", path)
        # Names that would be lines of their own if logged unescaped.
        await ask("GET", "/api/anime/x%0d%0a%7b%22level%22:%22forged%22%7d")
        await ask("DELETE", "/api/queue/%1b%5b2J%e2%80%a8forged")
        await ask("POST", "/api/queue/add", {"serie_id": "a\n{}\x1b[0m\u2028", "episodes": ["\r"]})
        change = {"current_password": PASSWORD, "new_password": SECRETS["next password"]}
        await ask("POST", "/api/auth/password", change)
        await ask("POST", "/api/auth/logout")
    return made


@attrs.frozen
class Use:
    """What a server wrote and answered while it was used with secrets at log level DEBUG.

    Attributes:
        written: Its log.
        answers: Bodies of all responses.
        secrets: Everything that may stand in neither.
        modes: Modes of its files, by path.
    """

    written: str
    answers: Sequence[str]
    secrets: Set[str]
    modes: Mapping[str, int]

    @property
    def logged(self) -> set[str]:
        """Secrets in the log."""
        return {each for each in self.secrets if each in self.written}

    @property
    def told(self) -> set[str]:
        """Secrets in responses."""
        return {each for each in self.secrets if any(each in answer for answer in self.answers)}

    @property
    def readable(self) -> dict[str, int]:
        """Files that others may read or write."""
        return {name: mode for name, mode in self.modes.items() if mode & 0o077}


async def use_with_secrets(folder: Path) -> Use:
    """Run a server, use it with secrets, and collect what it wrote and answered."""
    data = folder / "data"
    log = folder / "log"
    environ = {
        **os.environ,
        "ANIWORLD_DATA_DIR": str(data),
        "ANIWORLD_PORT": "0",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "aniworld_http"),
            env=environ,
            cwd=folder,
            umask=0,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    answers: list[str] = []
    try:
        assert process.stdout is not None
        with anyio.fail_after(PATIENCE):
            line = (await process.stdout.readline()).decode()
            code = data / "setup-code"
            assert stat.S_IMODE(code.stat().st_mode) == 0o600
            made = await _use(line.split()[-1].rstrip("/"), code.read_text().strip(), answers)
            modes = _modes(data)
            process.terminate()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    hashed = json.loads((data / "config.json").read_text())["other"]["master_password_hash"]
    secret = {PASSWORD, hashed, *made, *SECRETS.values()}
    secret.add((data / "jwt-secret-key").read_text().strip())
    return Use(log.read_text(), answers, secret, modes)


def _modes(folder: Path) -> dict[str, int]:
    return {
        str(path): stat.S_IMODE(path.stat().st_mode)
        for path in [folder, *folder.rglob("*")]
        if path.exists()
    }
