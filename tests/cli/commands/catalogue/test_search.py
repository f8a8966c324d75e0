"""`aniworld search`."""

from aniworld_core.errors import NeedsPersonError, ProviderChangedError, ProviderUnavailableError
from aniworld_core.testing.fakes import FakeLoader
from support.console import Console, lanterns


def test_hits_are_one_line_each_with_key_name_site_and_link(console: Console) -> None:
    """Each hit is one line with tab-separated columns."""
    answer = console("search", "latern")

    assert answer.code == 0
    assert answer.rows == [
        ["lanterns", "Laternen", "fake.invalid", "https://fake.invalid/lanterns"]
    ]


def test_json_has_the_documented_fields(console: Console) -> None:
    """JSON has the fields of the REST interface."""
    (hit,) = console("search", "latern", "--json").json

    assert hit["key"] == "lanterns"
    assert hit["name"] == "Laternen"
    assert hit["site"] == "fake.invalid"
    assert hit["link"] == "https://fake.invalid/lanterns"
    assert hit["in_library"] is False


def test_several_words_need_no_quotes(console: Console) -> None:
    """Several words are one search text."""
    console("search", "two", "words")

    assert console.loader.calls == ["search two words"]


def test_nothing_found_is_no_error(console: Console) -> None:
    """A search without hits succeeds with an empty list."""
    answer = console("search", "nothing like it", "--json")

    assert (answer.code, answer.json) == (0, [])


def test_an_empty_query_is_wrong_use(console: Console) -> None:
    """An empty search text is a usage error."""
    answer = console("search", "  ")

    assert answer.code == 2
    assert console.loader.calls == []


def test_what_is_in_the_library_is_marked(console: Console) -> None:
    """Hits that are in the library are marked."""
    console("add", "lanterns")

    assert console("search", "latern", "--json").json[0]["in_library"] is True
    assert "in library" in console("search", "latern").out


def test_one_silent_catalogue_is_told_and_the_others_answer(console: Console) -> None:
    """A catalogue that fails is reported, and the hits of the others are shown."""
    broken = FakeLoader(error=ProviderUnavailableError("sleepy", "it sleeps"), name="sleepy")
    console.adapters["loaders"] = [broken, console.loader]

    answer = console("search", "latern")

    assert answer.code == 0
    assert len(answer.rows) == 1
    assert answer.err == "sleepy did not answer: sleepy is not available: it sleeps\n"


def test_the_error_of_all_catalogues_is_the_commands_own(console: Console) -> None:
    """If all catalogues fail, the error of the first decides the exit code."""
    console.loader.error = ProviderChangedError("fake", "the list of hits")

    answer = console("search", "latern", "--json")

    assert answer.code == 7
    assert answer.out == ""
    assert answer.error["kind"] == "provider_changed"


def test_a_site_that_wants_a_person_names_site_and_link(console: Console) -> None:
    """The error for a bot check names site and link."""
    console.loader.error = NeedsPersonError("fake.invalid", "https://fake.invalid/check")

    answer = console("search", "latern")

    assert answer.code == 6
    assert "fake.invalid" in answer.err
    assert "https://fake.invalid/check" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_an_unknown_catalogue_is_wrong_use(console: Console) -> None:
    """An unknown catalogue is a usage error that lists the enabled ones."""
    answer = console("search", "x", "--provider", "nowhere")

    assert answer.code == 2
    assert "enabled: fake" in answer.err


def test_hostile_names_do_nothing_to_the_terminal(console: Console) -> None:
    """Control characters in names of series are not printed."""
    console.loader.series = [lanterns(name="\x1b[2J\x1b]0;owned\x07Lat\u202eern [red]en\n")]

    answer = console("search", "Lat")

    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out
    assert answer.rows[0][1] == "Latern [red]en "


def test_nothing_is_not_said_when_no_catalogue_could_look(console: Console) -> None:
    """A catalogue that cannot search finds nothing, but its silence is no answer."""
    broken = FakeLoader(error=ProviderUnavailableError("sleepy", "it sleeps"), name="sleepy")
    weary = FakeLoader(error=ProviderUnavailableError("weary", "it rests"), name="weary")
    blind = FakeLoader(name="blind", can_search=False)
    console.adapters["loaders"] = [broken, blind, weary]

    answer = console("search", "latern")

    assert answer.code == 6
    assert answer.out == ""
    assert "nothing found" not in answer.err
    assert answer.err.splitlines() == [
        "weary did not answer: weary is not available: it rests",
        "aniworld: sleepy is not available: it sleeps",
    ]


def test_partial_failures_are_objects_in_json(console: Console) -> None:
    """Each line on stderr names the catalogue and the kind of its error."""
    broken = FakeLoader(error=ProviderUnavailableError("sleepy", "it sleeps"), name="sleepy")
    console.adapters["loaders"] = [broken, console.loader]

    answer = console("search", "latern", "--json")

    assert [hit["key"] for hit in answer.json] == ["lanterns"]
    assert (answer.error["provider"], answer.error["kind"]) == ("sleepy", "provider_unavailable")


def test_no_hit_is_not_nothing_while_a_catalogue_is_silent(console: Console) -> None:
    """The series may be in the catalogue that did not answer; with JSON it is named on stderr."""
    broken = FakeLoader(error=ProviderUnavailableError("sleepy", "it sleeps"), name="sleepy")
    console.adapters["loaders"] = [broken, console.loader]

    answer = console("search", "nothing like it")
    document = console("search", "nothing like it", "--json")

    assert answer.code == document.code == 0
    assert "nothing found in the catalogues that answered" in answer.err
    assert "sleepy did not answer" in answer.err
    assert (document.json, document.error["provider"]) == ([], "sleepy")
