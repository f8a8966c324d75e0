"""Circuit breakers of catalogues and hosters."""

from datetime import timedelta

import pytest

from aniworld_core.application.catalogue import (
    FIRST_REST,
    LONGEST_REST,
    THRESHOLD,
    CircuitBreakers,
    place_of,
)
from aniworld_core.domain.configuration import Config, ProviderConfig, ServerConfig
from aniworld_core.errors import (
    AniworldError,
    FetchInterruptedError,
    NeedsPersonError,
    NotYetAvailableError,
    ProviderChangedError,
    ProviderUnavailableError,
    RequestBudgetError,
    SeriesNotFoundError,
    SourceGoneError,
)
from aniworld_core.testing.fakes import FakeClock

DOWN = ProviderUnavailableError("fake", "it is down")


def _rest(circuits: CircuitBreakers, clock: FakeClock) -> timedelta:
    return circuits.open_circuits()["fake"] - clock.now()


def _fail(circuits: CircuitBreakers, error: AniworldError = DOWN, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)), circuits.attempt("fake"):
            raise error


def test_a_place_that_keeps_failing_is_left_alone() -> None:
    """Repeated failures open a circuit, and only its own; the error has the remaining time."""
    clock = FakeClock()
    circuits = CircuitBreakers(clock=clock)
    _fail(circuits, times=THRESHOLD)

    with pytest.raises(ProviderUnavailableError) as refused, circuits.attempt("fake"):
        pytest.fail("it was asked")

    assert refused.value.retry_after == FIRST_REST
    with circuits.attempt("other"):
        pass


def test_the_rest_grows_up_to_a_limit() -> None:
    """Each failed attempt doubles the time of the open circuit up to a limit."""
    clock = FakeClock()
    circuits = CircuitBreakers(clock=clock)
    _fail(circuits, times=THRESHOLD)
    rests = []
    for _ in range(8):
        rests.append(_rest(circuits, clock))
        clock.advance(rests[-1])
        _fail(circuits)

    assert rests == [FIRST_REST * n for n in (1, 2, 4, 8)] + [LONGEST_REST] * 4


def test_a_success_closes_the_circuit() -> None:
    """Only failures in a row open a circuit."""
    circuits = CircuitBreakers(clock=FakeClock())
    for _ in range(THRESHOLD):
        _fail(circuits, times=THRESHOLD - 1)
        with circuits.attempt("fake"):
            pass

    assert circuits.open_circuits() == {}


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailableError("fake", "busy", retry_after=timedelta(seconds=5)),
        FetchInterruptedError("busy", retry_after=timedelta(seconds=1)),
        SourceGoneError("file"),
        RequestBudgetError("fake"),
        NeedsPersonError("fake", "https://fake.invalid/check"),
        NotYetAvailableError("S01E01", ["ger-dub"], []),
        ProviderChangedError("fake", "the title"),
        SeriesNotFoundError("x"),
    ],
    ids=lambda error: error.kind,
)
def test_what_says_nothing_about_the_place_does_not_count(error: AniworldError) -> None:
    """Requested pauses and changed pages do not count as failures."""
    circuits = CircuitBreakers(clock=FakeClock())

    _fail(circuits, error, times=THRESHOLD + 1)

    assert circuits.open_circuits() == {}


def test_the_last_trouble_is_remembered_until_it_is_over() -> None:
    """The last failure is kept until a success, including those of a catalogue's servers."""
    circuits = CircuitBreakers(clock=FakeClock())
    _fail(circuits, NeedsPersonError("fake", "https://fake.invalid/check"))
    circuits.note("jellyfin at attic:8096", DOWN)
    _fail(circuits, SeriesNotFoundError("x"))

    assert [f.link for f in circuits.last_failures("fake")] == ["https://fake.invalid/check"]
    assert [f.kind for f in circuits.last_failures("jellyfin")] == ["provider_unavailable"]
    with circuits.attempt("fake"):
        pass
    assert list(circuits.last_failures("fake")) == []


def test_when_a_place_was_asked_last_is_known() -> None:
    """The time of the last attempt is kept, successful or not."""
    clock = FakeClock()
    circuits = CircuitBreakers(clock=clock)
    assert circuits.last_asked("fake") is None
    with circuits.attempt("fake"):
        pass
    first = circuits.last_asked("fake")
    clock.advance(timedelta(minutes=1))
    circuits.note("fake at attic:8096", DOWN)
    circuits.note("faker", None)

    assert first == clock.now() - timedelta(minutes=1)
    assert circuits.last_asked("fake") == clock.now()
    assert circuits.last_asked("fakes") is None


@pytest.mark.parametrize(
    ("servers", "link", "place"),
    [
        (1, "http://a.example/x", "fake"),
        (2, "http://a.example/x", "fake at a.example"),
        (2, "http://b.example:81/x", "fake at b.example:81"),
        (2, "", "fake"),
        (2, "/x", "fake"),
        (2, "http://[a/x", "fake"),
    ],
)
def test_each_of_several_servers_has_a_circuit(servers: int, link: str, place: str) -> None:
    """Each server has a circuit; a link without a host belongs to the catalogue."""
    named = [ServerConfig(name=name, base_url=f"http://{name}.example") for name in "ab"]
    config = Config(providers={"fake": ProviderConfig(servers=tuple(named[:servers]))})
    assert place_of(config, "fake", link) == place


def test_each_site_of_a_catalogue_of_any_site_has_a_circuit() -> None:
    """A site that is down does not close the catalogue for links of other sites."""
    links = ("https://a.example/x", "https://b.example/x")
    places = [place_of(Config(), "fake", link, has_any_site=True) for link in links]
    assert places == ["fake at a.example", "fake at b.example"]


def test_a_circuit_whose_time_is_over_is_not_listed() -> None:
    """The open circuits are listed until they close."""
    clock = FakeClock()
    circuits = CircuitBreakers(clock=clock)
    _fail(circuits, times=THRESHOLD)
    assert set(circuits.open_circuits()) == {"fake"}

    clock.advance(FIRST_REST)

    assert circuits.open_circuits() == {}
