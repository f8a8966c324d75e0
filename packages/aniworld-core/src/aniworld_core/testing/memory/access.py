"""Storage of sessions, accounts, API keys, schedule, scores and shared state in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.access import Account, ApiKey, Session, folded_user_name
from aniworld_core.domain.automation import ScheduleState
from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.domain.identity import SessionId
from aniworld_core.domain.shared_state import QueueControl, ScanNote
from aniworld_core.errors import (
    ApiKeyNotFoundError,
    ConflictError,
    SessionNotFoundError,
    UserChangedError,
    UserExistsError,
    UserNotFoundError,
)
from aniworld_core.ports.accounts import AccountRepository
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

    async def find(self, user: str, now: datetime) -> Sequence[Session]:
        await anyio.lowlevel.checkpoint()
        own = [s for s in self._sessions.values() if s.user == user and s.revoked_at is None]
        active = [s for s in own if s.expires_at > now]
        return tuple(sorted(active, key=lambda s: (s.created_at, s.id), reverse=True))

    async def revoke_all(
        self, at: datetime, *, keep: SessionId | None = None, user: str | None = None
    ) -> int:
        await anyio.lowlevel.checkpoint()
        active = [
            session
            for session in self._sessions.values()
            if session.revoked_at is None
            and session.id != keep
            and (user is None or session.user == user)
        ]
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
    _tried_again: dict[str, datetime] = attrs.field(factory=dict, init=False)
    _note: ScanNote | None = attrs.field(default=None, init=False)

    async def queue_control(self) -> QueueControl:
        await anyio.lowlevel.checkpoint()
        return self._control

    async def change_queue_control(
        self, *, is_stopped: bool | None = None, is_paused: bool | None = None
    ) -> QueueControl:
        await anyio.lowlevel.checkpoint()
        given = {"is_stopped": is_stopped, "is_paused": is_paused}
        changed = {name: value for name, value in given.items() if value is not None}
        self._control = attrs.evolve(self._control, **changed)
        return self._control

    async def tried_again(self) -> Mapping[str, datetime]:
        await anyio.lowlevel.checkpoint()
        return dict(self._tried_again)

    async def note_tried_again(self, name: str, at: datetime) -> None:
        await anyio.lowlevel.checkpoint()
        self._tried_again[name] = at

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

    async def remove_of(self, user: str) -> int:
        await anyio.lowlevel.checkpoint()
        owned = [key.id for key in self._keys.values() if key.user == user]
        for key_id in owned:
            del self._keys[key_id]
        return len(owned)

    async def remove(self, key_id: str) -> None:
        await anyio.lowlevel.checkpoint()
        if self._keys.pop(key_id, None) is None:
            raise ApiKeyNotFoundError(key_id)


@attrs.define(eq=False)
class MemoryAccountRepository(AccountRepository):
    """Accounts in a dict."""

    _accounts: dict[str, Account] = attrs.field(factory=dict, init=False)

    async def add(self, account: Account) -> None:
        await anyio.lowlevel.checkpoint()
        self._require_free_name(account)
        if account.id in self._accounts:
            raise ConflictError("an account with this id exists")
        self._accounts[account.id] = account

    async def get(self, user_id: str) -> Account:
        await anyio.lowlevel.checkpoint()
        return self._stored(user_id)

    async def with_name(self, name: str) -> Account | None:
        await anyio.lowlevel.checkpoint()
        folded = folded_user_name(name)
        return next((a for a in self._accounts.values() if a.folded_name == folded), None)

    async def find(self) -> Sequence[Account]:
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(self._accounts.values(), key=lambda account: account.folded_name))

    async def replace(self, account: Account) -> None:
        await anyio.lowlevel.checkpoint()
        if self._stored(account.id).revision != account.revision - 1:
            raise UserChangedError(account.name)
        self._require_free_name(account)
        self._accounts[account.id] = account

    async def remove(self, user_id: str) -> None:
        await anyio.lowlevel.checkpoint()
        self._stored(user_id)
        del self._accounts[user_id]

    def _stored(self, user_id: str) -> Account:
        try:
            return self._accounts[user_id]
        except KeyError:
            raise UserNotFoundError(user_id) from None

    def _require_free_name(self, account: Account) -> None:
        others = (a for a in self._accounts.values() if a.id != account.id)
        if any(other.folded_name == account.folded_name for other in others):
            raise UserExistsError(account.name)


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

    async def add_success(self, place: Place, *, rate: float, at: datetime) -> None:
        await anyio.lowlevel.checkpoint()
        self._scores[place] = self._of(place).succeeded(rate, at)

    async def add_failure(self, place: Place, *, kind: str, at: datetime) -> None:
        await anyio.lowlevel.checkpoint()
        self._scores[place] = self._of(place).failed(kind, at)

    def _of(self, place: Place) -> SourceScore:
        return self._scores.get(place, SourceScore(place=place))

    async def clear(self) -> int:
        await anyio.lowlevel.checkpoint()
        count = len(self._scores)
        self._scores.clear()
        return count
