"""Storage of sessions, API keys, schedule, scores and shared state in memory."""

from collections.abc import Sequence
from datetime import datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.access import ApiKey, Session
from aniworld_core.domain.automation import ScheduleState
from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.domain.identity import SessionId
from aniworld_core.domain.shared_state import QueueControl, ScanNote
from aniworld_core.errors import ApiKeyNotFoundError, ConflictError, SessionNotFoundError
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.ports.schedule import ScheduleRepository
from aniworld_core.ports.scores import ScoreRepository
from aniworld_core.ports.sessions import SessionRepository
from aniworld_core.ports.shared_state import SharedStateRepository


@attrs.define(eq=False)
class MemorySessionRepository(SessionRepository):
    """Sessions in a dict."""

    _sessions: dict[SessionId, Session] = attrs.field(factory=dict, init=False)

    async def add(self, session: Session) -> None:
        await anyio.lowlevel.checkpoint()
        if session.id in self._sessions:
            raise ConflictError("a session with this id exists")
        self._sessions[session.id] = session

    async def get(self, session_id: SessionId) -> Session:
        await anyio.lowlevel.checkpoint()
        return self._stored(session_id)

    async def revoke(self, session_id: SessionId, at: datetime) -> None:
        await anyio.lowlevel.checkpoint()
        session = self._stored(session_id)
        if session.revoked_at is None:
            self._sessions[session_id] = attrs.evolve(session, revoked_at=at)

    async def revoke_all(self, at: datetime, *, keep: SessionId | None = None) -> int:
        await anyio.lowlevel.checkpoint()
        active = [s for s in self._sessions.values() if s.revoked_at is None and s.id != keep]
        for session in active:
            self._sessions[session.id] = attrs.evolve(session, revoked_at=at)
        return len(active)

    async def remove_expired(self, now: datetime) -> int:
        await anyio.lowlevel.checkpoint()
        expired = [s.id for s in self._sessions.values() if s.expires_at <= now]
        for session_id in expired:
            del self._sessions[session_id]
        return len(expired)

    def _stored(self, session_id: SessionId) -> Session:
        try:
            return self._sessions[session_id]
        except KeyError:
            raise SessionNotFoundError(session_id) from None


@attrs.define(eq=False)
class MemorySharedStateRepository(SharedStateRepository):
    """Control and note in two attributes."""

    _control: QueueControl = attrs.field(factory=QueueControl, init=False)
    _note: ScanNote | None = attrs.field(default=None, init=False)

    async def queue_control(self) -> QueueControl:
        await anyio.lowlevel.checkpoint()
        return self._control

    async def set_queue_control(self, control: QueueControl) -> None:
        await anyio.lowlevel.checkpoint()
        self._control = control

    async def scan_note(self) -> ScanNote | None:
        await anyio.lowlevel.checkpoint()
        return self._note

    async def note_scan(self, note: ScanNote) -> None:
        await anyio.lowlevel.checkpoint()
        self._note = note


@attrs.define(eq=False)
class MemoryApiKeyRepository(ApiKeyRepository):
    """Keys in a dict."""

    _keys: dict[str, ApiKey] = attrs.field(factory=dict, init=False)

    async def add(self, key: ApiKey) -> None:
        await anyio.lowlevel.checkpoint()
        if key.id in self._keys or any(k.digest == key.digest for k in self._keys.values()):
            raise ConflictError("an API key with this id or digest exists")
        self._keys[key.id] = key

    async def find(self) -> Sequence[ApiKey]:
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(self._keys.values(), key=lambda k: (k.created_at, k.id)))

    async def with_digest(self, digest: str) -> ApiKey | None:
        await anyio.lowlevel.checkpoint()
        return next((k for k in self._keys.values() if k.digest == digest), None)

    async def used(self, key_id: str, at: datetime) -> None:
        await anyio.lowlevel.checkpoint()
        if key_id in self._keys:
            self._keys[key_id] = attrs.evolve(self._keys[key_id], last_used_at=at)

    async def remove(self, key_id: str) -> None:
        await anyio.lowlevel.checkpoint()
        if self._keys.pop(key_id, None) is None:
            raise ApiKeyNotFoundError(key_id)


@attrs.define(eq=False)
class MemoryScheduleRepository(ScheduleRepository):
    """The schedule in a variable."""

    _state: ScheduleState = attrs.field(factory=ScheduleState, init=False)

    async def get(self) -> ScheduleState:
        await anyio.lowlevel.checkpoint()
        return self._state

    async def begin(self, holder: str, *, now: datetime, until: datetime) -> bool:
        await anyio.lowlevel.checkpoint()
        begun = self._state.begin(holder, now, until)
        self._state = begun or self._state
        return begun is not None

    async def end(self, holder: str, result: str) -> None:
        await anyio.lowlevel.checkpoint()
        self._state = self._state.end(holder, result)


@attrs.define(eq=False)
class MemoryScoreRepository(ScoreRepository):
    """Scores in a dict."""

    _scores: dict[Place, SourceScore] = attrs.field(factory=dict, init=False)

    async def find(self) -> Sequence[SourceScore]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._scores[place] for place in sorted(self._scores))

    async def save(self, score: SourceScore) -> None:
        await anyio.lowlevel.checkpoint()
        self._scores[score.place] = score

    async def clear(self) -> int:
        await anyio.lowlevel.checkpoint()
        count = len(self._scores)
        self._scores.clear()
        return count
