"""Sign-in, sessions, and password changes."""

import json
import unicodedata
from datetime import datetime, timedelta

import anyio
import anyio.lowlevel
import attrs
import pytest

from aniworld_core.application.access import (
    LEEWAY,
    LIFETIME,
    REMEMBERED,
    Accounts,
    Authenticator,
    MasterPassword,
)
from aniworld_core.application.configuration import ConfigEditor, CurrentConfig
from aniworld_core.domain.access import Session, TokenClaims
from aniworld_core.domain.configuration import Config, OtherConfig
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import (
    AlreadySetUpError,
    BadCredentialsError,
    InvalidConfigError,
    InvalidTokenError,
    NotSetUpError,
    SessionNotFoundError,
    WeakPasswordError,
    WrongPasswordError,
)
from aniworld_core.ports.security import TokenCodec
from aniworld_core.testing import (
    MemoryAccountRepository,
    MemoryApiKeyRepository,
    MemorySessionRepository,
)
from aniworld_core.testing.fakes import FakeClock, FakeHasher, MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

PASSWORD = "Correct-horse1"
OTHER = "Battery-staple2"


class PlainCodec(TokenCodec):
    """Readable tokens; the first letter marks forged ones."""

    def encode(self, claims: TokenClaims) -> str:
        """Return the claims as text."""
        times = (claims.created_at.isoformat(), claims.expires_at.isoformat())
        return "t" + json.dumps([claims.session_id, claims.user, *times])

    def decode(self, token: str) -> TokenClaims:
        """Parse the claims."""
        if not token.startswith("t"):
            raise InvalidTokenError("forged")
        session_id, user, created_at, expires_at = json.loads(token[1:])
        return TokenClaims(
            session_id=session_id,
            user=user,
            created_at=datetime.fromisoformat(created_at),
            expires_at=datetime.fromisoformat(expires_at),
        )


@attrs.define(eq=False)
class World:
    """An authenticator with its fakes."""

    store: MemoryConfigStore = attrs.field(factory=lambda: MemoryConfigStore(Config()))
    clock: FakeClock = attrs.field(factory=FakeClock)
    hasher: FakeHasher = attrs.field(factory=FakeHasher)
    sessions: MemorySessionRepository = attrs.field(factory=MemorySessionRepository)
    accounts: MemoryAccountRepository = attrs.field(factory=MemoryAccountRepository)

    def open(self) -> Authenticator:
        """Return another authenticator on the same storage, like another process."""
        current = CurrentConfig(self.config)
        password = MasterPassword(
            sessions=self.sessions,
            store=ConfigEditor(store=self.store, clock=self.clock, current=current),
            hasher=self.hasher,
            clock=self.clock,
        )
        accounts = Accounts(
            accounts=self.accounts,
            sessions=self.sessions,
            keys=MemoryApiKeyRepository(),
            hasher=self.hasher,
            clock=self.clock,
        )
        return Authenticator(
            password=password,
            accounts=accounts,
            sessions=self.sessions,
            codec=PlainCodec(),
            clock=self.clock,
        )

    @property
    def config(self) -> Config:
        """Return the stored configuration."""
        return self.store.config or Config()

    @property
    def hashed(self) -> str:
        """Return the stored password hash."""
        return self.config.other.master_password_hash


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def auth(world: World) -> Authenticator:
    """Return an authenticator with a password."""
    authenticator = world.open()
    await authenticator.password.set_up(PASSWORD)
    return authenticator


async def test_set_up_stores_password_and_library(world: World) -> None:
    """Set-up stores password and library folder in one step."""
    fresh = world.open()
    assert not await fresh.password.is_set_up()

    await fresh.password.set_up(PASSWORD, "/srv/anime")

    assert await fresh.password.is_set_up()
    assert world.config.other.anime_directory == "/srv/anime"
    assert PASSWORD not in world.hashed
    await fresh.sign_in(PASSWORD)


async def test_set_up_names_every_broken_rule(world: World) -> None:
    """Set-up lists all broken password rules and stores nothing."""
    with pytest.raises(WeakPasswordError) as refused:
        await world.open().password.set_up("abc")

    assert len(refused.value.violations) == 4
    assert world.hashed == ""


async def test_set_up_refuses_a_bad_library(world: World) -> None:
    """With an invalid library folder no password is stored."""
    with pytest.raises(InvalidConfigError):
        await world.open().password.set_up(PASSWORD, "********")

    assert world.hashed == ""


async def test_set_up_happens_once(auth: Authenticator, world: World) -> None:
    """A second set-up, also by another process, changes nothing."""
    hashed = world.hashed
    for again in (auth, world.open()):
        with pytest.raises(AlreadySetUpError):
            await again.password.set_up(OTHER)
    assert world.hashed == hashed


async def test_of_two_set_ups_at_once_one_counts(world: World) -> None:
    """Of two concurrent set-ups exactly one succeeds, and its password is stored."""
    authenticator = world.open()
    outcomes: list[str] = []

    async def attempt(password: str) -> None:
        try:
            await authenticator.password.set_up(password)
        except AlreadySetUpError:
            return
        outcomes.append(password)

    async with anyio.create_task_group() as tasks:
        for password in (PASSWORD, OTHER):
            tasks.start_soon(attempt, password)

    assert len(outcomes) == 1
    await authenticator.sign_in(outcomes[0])


async def test_a_password_set_elsewhere_counts(world: World) -> None:
    """A running server uses a password set by the command line."""
    server = world.open()
    await world.open().password.set_up(PASSWORD)
    assert await server.password.is_set_up()
    await server.sign_in(PASSWORD)
    await world.open().password.reset(OTHER)
    with pytest.raises(BadCredentialsError):
        await server.sign_in(PASSWORD)


@pytest.mark.parametrize(("remember", "lifetime"), [(False, LIFETIME), (True, REMEMBERED)])
async def test_sign_in_begins_a_session(
    auth: Authenticator,
    world: World,
    remember: bool,
    lifetime: timedelta,
) -> None:
    """A sign-in creates a session of the requested duration."""
    signed_in = await auth.sign_in(PASSWORD, remember=remember)

    session = await auth.authenticate(signed_in.token)
    assert session == signed_in.session
    assert signed_in.expires_at == world.clock.now() + lifetime
    assert signed_in.token not in repr(signed_in)


@pytest.mark.parametrize("wrong", ["", "x", PASSWORD + " ", "A1!" + "x" * 2000, "\ud800"])
async def test_sign_in_refuses_a_wrong_password(auth: Authenticator, wrong: str) -> None:
    """Any other text as password is refused."""
    with pytest.raises(BadCredentialsError):
        await auth.sign_in(wrong)


async def test_nothing_works_before_set_up(world: World) -> None:
    """Before set-up neither sign-in nor tokens work."""
    token = "t" + json.dumps(["s", "master", *["2026-01-01T00:00:00+00:00"] * 2])
    authenticator = world.open()
    for attempt in (
        authenticator.sign_in(PASSWORD),
        authenticator.authenticate(token),
        authenticator.password.change(PASSWORD, OTHER),
    ):
        with pytest.raises(NotSetUpError):
            await attempt


async def test_sign_in_makes_an_old_hash_anew(auth: Authenticator, world: World) -> None:
    """A sign-in replaces a hash of lower cost; otherwise the hash stays."""
    before = world.hashed
    await auth.sign_in(PASSWORD)
    assert world.hashed == before

    world.hasher.cost = 2
    await auth.sign_in(PASSWORD)

    assert world.hashed.startswith("fake$2$")
    await auth.sign_in(PASSWORD)


async def test_a_token_ends_with_its_session(auth: Authenticator, world: World) -> None:
    """A token is valid until it expires, plus one minute for clock differences."""
    token = (await auth.sign_in(PASSWORD)).token
    world.clock.advance(LIFETIME + LEEWAY - timedelta(seconds=1))
    await auth.authenticate(token)

    world.clock.advance(timedelta(seconds=1))

    with pytest.raises(InvalidTokenError, match="expired"):
        await auth.authenticate(token)


async def test_a_token_cannot_outlive_what_it_says(auth: Authenticator, world: World) -> None:
    """The earlier expiry of token and session applies."""
    signed_in = await auth.sign_in(PASSWORD, remember=True)
    claims = PlainCodec().decode(signed_in.token)
    short = PlainCodec().encode(attrs.evolve(claims, expires_at=world.clock.now()))
    world.clock.advance(LEEWAY)
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(short)


@pytest.mark.parametrize("token", ["", "x", "forged"])
async def test_a_forged_token_is_refused(auth: Authenticator, token: str) -> None:
    """A token that the codec rejects is refused."""
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(token)


async def test_a_token_says_what_its_session_says(auth: Authenticator, world: World) -> None:
    """A token whose claims differ from its session is refused."""
    claims = PlainCodec().decode((await auth.sign_in(PASSWORD)).token)
    soon, now = LEEWAY + timedelta(seconds=1), world.clock.now()
    for wrong in (
        attrs.evolve(claims, user="root"),
        attrs.evolve(claims, created_at=now + soon),
    ):
        with pytest.raises(InvalidTokenError):
            await auth.authenticate(PlainCodec().encode(wrong))

    # A clock difference of a moment is tolerated.
    await auth.authenticate(PlainCodec().encode(attrs.evolve(claims, created_at=now + LEEWAY)))


async def test_a_token_without_session_is_refused(auth: Authenticator, world: World) -> None:
    """A signed token without a stored session is refused."""
    token = (await auth.sign_in(PASSWORD)).token
    await world.sessions.remove_expired(world.clock.now() + REMEMBERED)
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(token)


async def test_sign_out_ends_one_session(auth: Authenticator) -> None:
    """Sign-out revokes one session for all processes; it is idempotent."""
    first, second = [await auth.sign_in(PASSWORD) for _ in range(2)]

    await auth.sign_out(first.session.id)
    await auth.sign_out(first.session.id)

    with pytest.raises(InvalidTokenError):
        await auth.authenticate(first.token)
    await auth.authenticate(second.token)
    with pytest.raises(SessionNotFoundError):
        await auth.sign_out(SessionId("unknown"))


async def test_change_of_password_ends_other_sessions(auth: Authenticator) -> None:
    """A password change revokes all other sessions, and only the new password works."""
    mine, other = [await auth.sign_in(PASSWORD) for _ in range(2)]

    await auth.password.change(PASSWORD, OTHER, keep=mine.session.id)

    await auth.authenticate(mine.token)
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(other.token)
    with pytest.raises(BadCredentialsError):
        await auth.sign_in(PASSWORD)
    await auth.sign_in(OTHER)


@pytest.mark.parametrize(
    ("current", "new", "error"),
    [(OTHER, OTHER, WrongPasswordError), (PASSWORD, "short", WeakPasswordError)],
)
async def test_a_refused_change_changes_nothing(
    auth: Authenticator, current: str, new: str, error: type[Exception]
) -> None:
    """A refused change keeps password and sessions."""
    signed_in = await auth.sign_in(PASSWORD)
    with pytest.raises(error):
        await auth.password.change(current, new)
    await auth.authenticate(signed_in.token)
    await auth.sign_in(PASSWORD)


async def test_a_password_that_was_changed_meanwhile_is_wrong(
    auth: Authenticator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change of another process stays, and the sessions with it."""
    signed_in = await auth.sign_in(PASSWORD)
    other = world.open()
    hash_password = type(world.hasher).hash

    async def overtaken(self: FakeHasher, password: str) -> str:
        monkeypatch.setattr(type(world.hasher), "hash", hash_password)
        await other.password.reset("Third1!Password")
        return await hash_password(self, password)

    monkeypatch.setattr(type(world.hasher), "hash", overtaken)
    with pytest.raises(WrongPasswordError):
        await auth.password.change(PASSWORD, OTHER)
    await auth.sign_in("Third1!Password")
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(signed_in.token)


class SlowSessions(MemorySessionRepository):
    """Session repository whose `add` waits for the test."""

    def __init__(self) -> None:
        super().__init__()
        self.adding, self.go_on = anyio.Event(), anyio.Event()

    async def add(self, session: Session) -> None:
        """Wait, then add the session."""
        self.adding.set()
        await self.go_on.wait()
        await super().add(session)


async def test_a_sign_in_during_a_change_does_not_survive() -> None:
    """A session whose password was checked before a change is revoked by the change."""
    sessions = SlowSessions()
    authenticator = World(sessions=sessions).open()
    await authenticator.password.set_up(PASSWORD)
    tokens: list[str] = []

    async def sign_in() -> None:
        tokens.append((await authenticator.sign_in(PASSWORD)).token)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sign_in)
            await sessions.adding.wait()
            tasks.start_soon(authenticator.password.change, PASSWORD, OTHER)
            for _ in range(100):
                await anyio.lowlevel.checkpoint()
            sessions.go_on.set()

    with pytest.raises(InvalidTokenError):
        await authenticator.authenticate(tokens[0])


async def test_reset_needs_no_password_and_ends_every_session(
    auth: Authenticator, world: World
) -> None:
    """A reset needs no password and revokes every session."""
    signed_in = await auth.sign_in(PASSWORD)
    current = CurrentConfig(world.config)
    password = MasterPassword(
        sessions=world.sessions,
        store=ConfigEditor(store=world.store, clock=world.clock, current=current),
        hasher=world.hasher,
        clock=world.clock,
    )
    with pytest.raises(WeakPasswordError):
        await password.reset("short")
    await auth.authenticate(signed_in.token)

    await password.reset(OTHER)

    with pytest.raises(InvalidTokenError):
        await auth.authenticate(signed_in.token)
    await auth.sign_in(OTHER)


async def test_check_of_the_password_alone(auth: Authenticator) -> None:
    """The password can be checked without signing in."""
    await auth.password.confirm(PASSWORD)
    with pytest.raises(WrongPasswordError):
        await auth.password.confirm(OTHER)


async def test_expired_sessions_are_forgotten(auth: Authenticator, world: World) -> None:
    """Expired sessions are deleted at the next sign-in or on request."""
    short = await auth.sign_in(PASSWORD)
    long = await auth.sign_in(PASSWORD, remember=True)
    world.clock.advance(LIFETIME + LEEWAY)

    await auth.sign_in(PASSWORD)

    with pytest.raises(SessionNotFoundError):
        await world.sessions.get(short.session.id)
    await auth.authenticate(long.token)
    assert await auth.prune() == 0


COMPOSED = "Gr\u00fc\u00dfe-Aus-K\u00f6ln-7"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.parametrize("chosen", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
async def test_a_password_is_the_same_in_every_unicode_form(
    world: World, chosen: str, typed: str
) -> None:
    """Composed and decomposed letters are the same password for all operations.

    The stored hash is of the composed form, and every other password is rejected.
    """
    authenticator = world.open()
    await authenticator.password.set_up(chosen)
    assert await world.hasher.verify(COMPOSED, world.hashed)
    signed_in = await authenticator.sign_in(typed)
    assert (await authenticator.authenticate(signed_in.token)).id == signed_in.session.id
    await authenticator.password.confirm(typed)
    assert await world.hasher.verify(COMPOSED, world.hashed)

    await authenticator.password.change(typed, chosen + "!")
    assert await world.hasher.verify(COMPOSED + "!", world.hashed)
    with pytest.raises(BadCredentialsError):
        await authenticator.sign_in(typed)
    await authenticator.sign_in(typed + "!")

    await authenticator.password.reset(chosen)
    assert await world.hasher.verify(COMPOSED, world.hashed)
    with pytest.raises(BadCredentialsError):
        await authenticator.sign_in(typed + "!")
    await authenticator.sign_in(typed)


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
async def test_a_hash_of_another_unicode_form_is_replaced(world: World, typed: str) -> None:
    """A hash of decomposed letters is accepted once and replaced."""
    former = await world.hasher.hash(DECOMPOSED)
    world.store.config = Config(other=OtherConfig(master_password_hash=former))
    authenticator = world.open()
    await authenticator.sign_in(typed)
    assert world.hashed != former
    assert await world.hasher.verify(COMPOSED, world.hashed)
    renewed = world.hashed
    await authenticator.sign_in(typed)
    assert world.hashed == renewed


async def test_the_rules_judge_the_normal_form(world: World) -> None:
    """The length rule counts characters of the composed form."""
    with pytest.raises(WeakPasswordError) as refused:
        await world.open().password.set_up("A\u0308o\u0308u\u03081!a")
    assert refused.value.violations == ("at least 8 characters",)
