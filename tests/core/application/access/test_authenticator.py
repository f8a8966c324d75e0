"""Signing in, staying signed in, and changing the password."""

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
from aniworld_core.testing import MemorySessionRepository
from aniworld_core.testing.fakes import FakeClock, FakeHasher, MemoryConfigStore

pytestmark = pytest.mark.anyio

PASSWORD = "Correct-horse1"
OTHER = "Battery-staple2"


class PlainCodec(TokenCodec):
    """Tokens that anybody can read, told from forged ones by their first letter."""

    def encode(self, claims: TokenClaims) -> str:
        """Write them down."""
        times = (claims.created_at.isoformat(), claims.expires_at.isoformat())
        return "t" + json.dumps([claims.session_id, claims.user, *times])

    def decode(self, token: str) -> TokenClaims:
        """Read them."""
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
    """An authenticator with everything around it within reach."""

    store: MemoryConfigStore = attrs.field(factory=lambda: MemoryConfigStore(Config()))
    clock: FakeClock = attrs.field(factory=FakeClock)
    hasher: FakeHasher = attrs.field(factory=FakeHasher)
    sessions: MemorySessionRepository = attrs.field(factory=MemorySessionRepository)

    def open(self) -> Authenticator:
        """Make one more, as another process would."""
        current = CurrentConfig(self.config)
        password = MasterPassword(
            sessions=self.sessions,
            store=ConfigEditor(store=self.store, clock=self.clock, current=current),
            hasher=self.hasher,
            clock=self.clock,
        )
        return Authenticator(
            password=password, sessions=self.sessions, codec=PlainCodec(), clock=self.clock
        )

    @property
    def config(self) -> Config:
        """What is stored."""
        return self.store.config or Config()

    @property
    def hashed(self) -> str:
        """What is stored of the password."""
        return self.config.other.master_password_hash


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def auth(world: World) -> Authenticator:
    """One that is set up."""
    authenticator = world.open()
    await authenticator.password.set_up(PASSWORD)
    return authenticator


async def test_set_up_stores_password_and_library(world: World) -> None:
    """One step stores both; the configuration in force follows."""
    fresh = world.open()
    assert not await fresh.password.is_set_up()

    await fresh.password.set_up(PASSWORD, "/srv/anime")

    assert await fresh.password.is_set_up()
    assert world.config.other.anime_directory == "/srv/anime"
    assert PASSWORD not in world.hashed
    await fresh.sign_in(PASSWORD)


async def test_set_up_names_every_broken_rule(world: World) -> None:
    """All of them at once, and nothing is stored."""
    with pytest.raises(WeakPasswordError) as refused:
        await world.open().password.set_up("abc")

    assert len(refused.value.violations) == 4
    assert world.hashed == ""


async def test_set_up_refuses_a_bad_library(world: World) -> None:
    """Then there is no password either, so that it can be tried again."""
    with pytest.raises(InvalidConfigError):
        await world.open().password.set_up(PASSWORD, "********")

    assert world.hashed == ""


async def test_set_up_happens_once(auth: Authenticator, world: World) -> None:
    """A second time, also from another process, changes nothing."""
    hashed = world.hashed
    for again in (auth, world.open()):
        with pytest.raises(AlreadySetUpError):
            await again.password.set_up(OTHER)
    assert world.hashed == hashed


async def test_of_two_set_ups_at_once_one_counts(world: World) -> None:
    """Who is told that it worked has set the password."""
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
    """A running server notices what the command line did."""
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
    """The token stands for a session that lasts as long as asked for."""
    signed_in = await auth.sign_in(PASSWORD, remember=remember)

    session = await auth.authenticate(signed_in.token)
    assert session == signed_in.session
    assert signed_in.expires_at == world.clock.now() + lifetime
    assert signed_in.token not in repr(signed_in)


@pytest.mark.parametrize("wrong", ["", "x", PASSWORD + " ", "A1!" + "x" * 2000, "\ud800"])
async def test_sign_in_refuses_a_wrong_password(auth: Authenticator, wrong: str) -> None:
    """Nothing but the password is the password, however long or odd."""
    with pytest.raises(BadCredentialsError):
        await auth.sign_in(wrong)


async def test_nothing_works_before_set_up(world: World) -> None:
    """Neither signing in nor any token."""
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
    """When the cost rose, the next sign-in pays it; otherwise the hash stays."""
    before = world.hashed
    await auth.sign_in(PASSWORD)
    assert world.hashed == before

    world.hasher.cost = 2
    await auth.sign_in(PASSWORD)

    assert world.hashed.startswith("fake$2$")
    await auth.sign_in(PASSWORD)


async def test_a_token_ends_with_its_session(auth: Authenticator, world: World) -> None:
    """It is taken until its end, and a minute longer for clocks that differ."""
    token = (await auth.sign_in(PASSWORD)).token
    world.clock.advance(LIFETIME + LEEWAY - timedelta(seconds=1))
    await auth.authenticate(token)

    world.clock.advance(timedelta(seconds=1))

    with pytest.raises(InvalidTokenError, match="expired"):
        await auth.authenticate(token)


async def test_a_token_cannot_outlive_what_it_says(auth: Authenticator, world: World) -> None:
    """The earlier of the two ends counts."""
    signed_in = await auth.sign_in(PASSWORD, remember=True)
    claims = PlainCodec().decode(signed_in.token)
    short = PlainCodec().encode(attrs.evolve(claims, expires_at=world.clock.now()))
    world.clock.advance(LEEWAY)
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(short)


@pytest.mark.parametrize("token", ["", "x", "forged"])
async def test_a_forged_token_is_refused(auth: Authenticator, token: str) -> None:
    """The codec's word counts."""
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(token)


async def test_a_token_says_what_its_session_says(auth: Authenticator, world: World) -> None:
    """One of another user, or from the future, is none that was given away here."""
    claims = PlainCodec().decode((await auth.sign_in(PASSWORD)).token)
    soon, now = LEEWAY + timedelta(seconds=1), world.clock.now()
    for wrong in (
        attrs.evolve(claims, user="root"),
        attrs.evolve(claims, created_at=now + soon),
    ):
        with pytest.raises(InvalidTokenError):
            await auth.authenticate(PlainCodec().encode(wrong))

    # A clock that was a moment ahead does no harm.
    await auth.authenticate(PlainCodec().encode(attrs.evolve(claims, created_at=now + LEEWAY)))


async def test_a_token_without_session_is_refused(auth: Authenticator, world: World) -> None:
    """A signature alone is not enough: the session may be gone."""
    token = (await auth.sign_in(PASSWORD)).token
    await world.sessions.remove_expired(world.clock.now() + REMEMBERED)
    with pytest.raises(InvalidTokenError):
        await auth.authenticate(token)


async def test_sign_out_ends_one_session(auth: Authenticator) -> None:
    """That token is dead, also for another process; others live; twice is no harm."""
    first, second = [await auth.sign_in(PASSWORD) for _ in range(2)]

    await auth.sign_out(first.session.id)
    await auth.sign_out(first.session.id)

    with pytest.raises(InvalidTokenError):
        await auth.authenticate(first.token)
    await auth.authenticate(second.token)
    with pytest.raises(SessionNotFoundError):
        await auth.sign_out(SessionId("unknown"))


async def test_change_of_password_ends_other_sessions(auth: Authenticator) -> None:
    """Only the session that asked goes on, and only the new password opens another."""
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
    """Neither password nor sessions."""
    signed_in = await auth.sign_in(PASSWORD)
    with pytest.raises(error):
        await auth.password.change(current, new)
    await auth.authenticate(signed_in.token)
    await auth.sign_in(PASSWORD)


class SlowSessions(MemorySessionRepository):
    """Keeps a new session only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.adding, self.go_on = anyio.Event(), anyio.Event()

    async def add(self, session: Session) -> None:
        """Wait, then add it."""
        self.adding.set()
        await self.go_on.wait()
        await super().add(session)


async def test_a_sign_in_during_a_change_does_not_survive() -> None:
    """A session whose password was checked before the change is ended by it, not overlooked."""
    sessions = SlowSessions()
    authenticator = World(sessions=sessions).open()
    await authenticator.password.set_up(PASSWORD)
    tokens: list[str] = []

    async def sign_in() -> None:
        tokens.append((await authenticator.sign_in(PASSWORD)).token)

    with anyio.fail_after(10):
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
    """The owner at the command line has no codec and no session to keep."""
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
    """For changes that want it once more."""
    await auth.password.confirm(PASSWORD)
    with pytest.raises(WrongPasswordError):
        await auth.password.confirm(OTHER)


async def test_expired_sessions_are_forgotten(auth: Authenticator, world: World) -> None:
    """At the next sign-in, or when asked to; the living ones stay."""
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
    """A Mac sends decomposed letters, others composed ones: signing in, confirming, changing.

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
    """Hashes that former versions made of decomposed letters still count, once."""
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
    """Seven letters are too few, also when they are written as fourteen characters."""
    with pytest.raises(WeakPasswordError) as refused:
        await world.open().password.set_up("A\u0308o\u0308u\u03081!a")
    assert refused.value.violations == ("at least 8 characters",)
