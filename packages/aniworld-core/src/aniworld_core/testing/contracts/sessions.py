"""Contract suite of `SessionRepository`."""

from typing import ClassVar

import pytest

from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import ConflictError, SessionNotFoundError
from aniworld_core.ports.sessions import SessionRepository
from aniworld_core.testing.factories import at, make_session

UNKNOWN = SessionId("unknown")


class SessionRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_add_keeps_the_session(self, repository: SessionRepository) -> None:
        """A stored session is returned unchanged."""
        session = make_session(revoked_at=at(5.000001))
        await repository.add(session)

        assert session == await repository.get(session.id)

    async def test_add_refuses_a_taken_id(self, repository: SessionRepository) -> None:
        """An id that exists is refused, also that of a revoked session."""
        revoked = make_session(revoked_at=at(1))
        await repository.add(revoked)

        with pytest.raises(ConflictError):
            await repository.add(make_session())

        assert await repository.get(revoked.id) == revoked

    async def test_get_refuses_an_unknown_id(self, repository: SessionRepository) -> None:
        """An unknown id raises `SessionNotFoundError`."""
        await repository.add(make_session())

        with pytest.raises(SessionNotFoundError):
            await repository.get(UNKNOWN)

    async def test_get_does_not_judge(self, repository: SessionRepository) -> None:
        """Expired and revoked sessions are returned too."""
        expired = make_session(1, expires_at=at(-1))
        revoked = make_session(2, revoked_at=at(-1))
        for session in (expired, revoked):
            await repository.add(session)

        assert expired == await repository.get(expired.id)
        assert revoked == await repository.get(revoked.id)

    async def test_revoke_notes_the_time(self, repository: SessionRepository) -> None:
        """`revoke` stores the time; other sessions stay."""
        session, other = make_session(1), make_session(2)
        await repository.add(session)
        await repository.add(other)

        await repository.revoke(session.id, at(10))

        assert at(10) == (await repository.get(session.id)).revoked_at
        assert other == await repository.get(other.id)

    async def test_revoke_keeps_the_first_time(self, repository: SessionRepository) -> None:
        """Revoking again changes nothing."""
        session = make_session()
        await repository.add(session)
        await repository.revoke(session.id, at(10))

        await repository.revoke(session.id, at(20))

        assert at(10) == (await repository.get(session.id)).revoked_at

    async def test_revoke_refuses_an_unknown_id(self, repository: SessionRepository) -> None:
        """An unknown id raises `SessionNotFoundError`."""
        with pytest.raises(SessionNotFoundError):
            await repository.revoke(UNKNOWN, at(0))

    async def test_revoke_all_spares_one(self, repository: SessionRepository) -> None:
        """Every other session is revoked and counted; revoked ones keep their time."""
        kept, active, revoked = make_session(1), make_session(2), make_session(3, revoked_at=at(1))
        for session in (kept, active, revoked):
            await repository.add(session)

        count = await repository.revoke_all(at(10), keep=kept.id)

        assert count == 1
        assert kept == await repository.get(kept.id)
        assert at(10) == (await repository.get(active.id)).revoked_at
        assert revoked == await repository.get(revoked.id)

    async def test_revoke_all_without_exception(self, repository: SessionRepository) -> None:
        """Without an exception every session is revoked; a second call revokes none."""
        for number in (1, 2):
            await repository.add(make_session(number))

        assert await repository.revoke_all(at(10)) == 2
        assert await repository.revoke_all(at(11)) == 0

    async def test_revoke_all_of_one_user(self, repository: SessionRepository) -> None:
        """With a user, only the sessions of this user are revoked, except the kept one."""
        kept, active = make_session(1, user="ann"), make_session(2, user="ann")
        other = make_session(3)
        for session in (kept, active, other):
            await repository.add(session)

        assert await repository.revoke_all(at(10), keep=kept.id, user="ann") == 1

        assert [kept, other] == [await repository.get(each.id) for each in (kept, other)]
        assert at(10) == (await repository.get(active.id)).revoked_at

    async def test_find_lists_the_active_sessions_of_a_user(
        self, repository: SessionRepository
    ) -> None:
        """Active sessions of the user are listed, newest first; others are not."""
        old = make_session(1, user="ann")
        new = make_session(2, user="ann", created_at=at(5))
        ended = make_session(3, user="ann", revoked_at=at(1))
        expired = make_session(4, user="ann", expires_at=at(10))
        for session in (old, new, ended, expired, make_session(5)):
            await repository.add(session)

        assert [new, old] == list(await repository.find("ann", at(10)))

    async def test_remove_expired_includes_the_instant(self, repository: SessionRepository) -> None:
        """Sessions are deleted from their expiry on, revoked or not."""
        past, now, later = (make_session(n, expires_at=at(n)) for n in (1, 2, 3))
        for session in (past, now, later):
            await repository.add(session)
        await repository.revoke(past.id, at(0))

        assert await repository.remove_expired(at(2)) == 2

        assert later == await repository.get(later.id)
        for session in (past, now):
            with pytest.raises(SessionNotFoundError):
                await repository.get(session.id)
