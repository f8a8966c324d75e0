"""The configuration document is validated strictly and keeps unknown settings."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.application.configuration import (
    REDACTED,
    config_from_document,
    document_from_config,
    lookup,
    merged,
    parsed_setting,
    redacted,
    restored_secrets,
    setting_names,
    unknown_settings,
    with_setting,
)
from aniworld_core.domain.configuration import (
    Config,
    DownloadsConfig,
    ServerConfig,
    description_of,
)
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, Quality
from aniworld_core.domain.subtitles import SubtitleChoice
from aniworld_core.errors import InvalidConfigError, SettingNotFoundError

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*document_from_config(Config()), "enabled", "order", "x/~y", "unknown"])


def changed(document: Mapping[str, object], name: str, raw: str) -> dict[str, object]:
    return with_setting(document, name, parsed_setting(name, raw))


def problems(document: object) -> dict[str, str]:
    with pytest.raises(InvalidConfigError) as invalid:
        config_from_document(document)
    return dict(invalid.value.problems)


def test_an_empty_document_has_the_defaults() -> None:
    """An empty document has all defaults."""
    assert config_from_document({}) == Config()


def test_a_whole_document_comes_back() -> None:
    """Writing and reading a configuration returns an equal one."""
    document = document_from_config(Config())
    assert config_from_document(json.loads(json.dumps(document))) == Config()
    assert list(document)[:6] == ["name", "data_dir", "scheduler", "logging", "backup", "other"]
    assert "unknown" not in document
    assert "$ref" not in document


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("downloads", "concurrent", "5"),
        ("downloads", "concurrent", 5.5),
        ("downloads", "concurrent", True),
        ("downloads", "hours", "22:00-06:00"),
        ("downloads", "hours", {"a": "b"}),
        ("downloads", "hours", [5]),
        ("downloads", "retry_delay_seconds", "2"),
        ("downloads", "retry_delay_seconds", False),
        ("downloads", "quality", "4k"),
        ("downloads", "quality", 720),
        ("downloads", "subtitles", "german"),
        ("downloads", "subtitles", True),
        ("scheduler", "enabled", 1),
        ("scheduler", "enabled", "true"),
        ("scheduler", "enabled", None),
        ("other", "anime_directory", 5),
        ("other", "anime_directory", None),
        ("other", "anime_directory", "a\x00b"),
        ("other", "anime_directory", "a\nb"),
        ("other", "anime_directory", "x" * 5000),
        ("other", "anime_directory", "\ud800"),
        ("languages", "order", ["klingonisch"]),
        ("languages", "order", []),
        ("languages", "order", ["ger-dub", "de"]),
        ("naming", "episode", "{title}"),
    ],
)
def test_no_value_is_turned_into_another(section: str, name: str, value: object) -> None:
    """A value of a wrong type or range is reported with its pointer and never converted."""
    found = problems({section: {name: value}})
    assert len(found) == 1
    assert next(iter(found)).startswith(f"/{section}/{name}")


def test_fitting_values_are_taken() -> None:
    """Whole numbers are valid for fractions, tags for languages, null for unset."""
    config = config_from_document(
        {
            "downloads": {"retry_delay_seconds": 3, "quality": "720p", "hours": ["22:00-06:00"]},
            "languages": {"order": ["de", "ja+en"]},
            "providers": {"aniworld": {"enabled": None}},
        }
    )
    assert config.downloads.retry_delay_seconds == 3.0
    assert config.downloads.quality is Quality.P720
    assert config.languages.order == (GER_DUB, ENG_SUB)
    assert config.provider("aniworld").enabled is None


def test_all_problems_are_listed_in_document_order() -> None:
    """Problems of types and ranges are listed together in document order."""
    found = problems(
        {
            "providers": {
                "jellyfin": {"servers": [{"name": "a"}, 5], "requests_per_minute": 0},
                "a/b": {"base_url": 5},
                "x": 5,
            },
            "languages": {"order": ["xx-nope", 5]},
            "scheduler": 3,
            "downloads": {"concurrent": "5"},
            "backup": {"keep": 0},
            "name": 5,
        }
    )
    assert list(found) == [
        "/name",
        "/scheduler",
        "/backup/keep",
        "/downloads/concurrent",
        "/languages/order/0",
        "/languages/order/1",
        *[p for p in found if p.startswith("/providers")],
    ]
    assert found["/providers/jellyfin/servers/0/base_url"] == "is required"
    assert "/providers/jellyfin/servers/1" in found
    assert "/providers/jellyfin/requests_per_minute" in found
    assert "/providers/a~1b/base_url" in found
    assert found["/providers/x"] == "must be an object, not a number"


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_a_document_is_an_object(document: object) -> None:
    """Any other value than an object is one problem at the root."""
    assert list(problems(document)) == [""]


def test_unknown_settings_are_kept_where_they_were() -> None:
    """Unknown settings are kept at every depth."""
    document = {
        "later": {"a": [1, None]},
        "unknown": 5,
        "a/b~c": True,
        "scheduler": {"moon": "full"},
        "providers": {"j": {"x": 1, "servers": [{"name": "n", "base_url": "http://h", "y": 2}]}},
    }
    config = config_from_document(document)
    assert (
        set(config.unknown)
        == set(unknown_settings(document))
        == {
            "/later",
            "/unknown",
            "/a~1b~0c",
            "/scheduler/moon",
            "/providers/j/x",
            "/providers/j/servers/0/y",
        }
    )
    written: Any = document_from_config(config)
    assert config_from_document(written) == config
    assert written["later"] == {"a": [1, None]}
    assert written["unknown"] == 5
    assert written["a/b~c"] is True
    assert written["scheduler"]["moon"] == "full"
    assert written["providers"]["j"]["servers"][0]["y"] == 2


def test_an_unknown_setting_without_a_place_is_dropped() -> None:
    """Unknown settings of a removed server are dropped; known ones are never overwritten."""
    config = Config(unknown={"/providers/gone/x": 1, "/name": "other", "/name/x": 1})
    assert document_from_config(config) == document_from_config(Config())
    assert unknown_settings([]) == ()


@given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=4))
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    """Any document is accepted or refused with pointers."""
    try:
        config = config_from_document(document)
    except InvalidConfigError as refused:
        pointers = [pointer for pointer, _ in refused.problems]
    else:
        pointers = ["/"]
        assert config_from_document(document_from_config(config)) == config
    assert pointers
    assert all(pointer.startswith("/") for pointer in pointers)


def test_partial_documents_merge() -> None:
    """Objects are merged, lists and values replaced, and the arguments stay unchanged."""
    stored = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert merged(stored, {"a": {"c": [2]}, "e": {}}) == {"a": {"b": 1, "c": [2]}, "d": 2, "e": {}}
    assert merged(stored, {"a": 5, "d": {"x": 1}}) == {"a": 5, "d": {"x": 1}}
    assert stored == {"a": {"b": 1, "c": [1]}, "d": 2}


SECRET = {
    "other": {"master_password_hash": "S3CRET"},
    "notifications": {"urls": ["S3CRET://x"], "webhooks": ["https://h/S3CRET"]},
    "network": {"proxy": "http://user:S3CRET@proxy:1"},
    "providers": {
        "jellyfin": {
            "base_url": "https://u:S3CRET@h/",
            "servers": [
                {"name": "a", "base_url": "http://a", "password": "S3CRET-a", "token": "S3CRET"},
                {"name": "b", "base_url": "http://b", "password": "S3CRET-b", "token": ""},
            ],
        }
    },
    "later": {"api_key": "S3CRET", "tokens": ["S3CRET"], "pin_hash": 0},
}


def test_no_secret_is_shown() -> None:
    """Hashes, passwords, tokens, notification addresses and credentials in URLs are hidden."""
    view: Any = redacted(SECRET)
    assert "S3CRET" not in json.dumps(view)
    assert view["providers"]["jellyfin"]["servers"][1]["token"] == ""
    assert view["providers"]["jellyfin"]["base_url"] == f"https://{REDACTED}@h/"
    assert view["providers"]["jellyfin"]["servers"][0]["name"] == "a"
    assert "S3CRET" in json.dumps(SECRET)


def test_a_view_can_be_sent_back() -> None:
    """Hidden secrets are restored, changed and new ones stored; the order is irrelevant."""
    view: Any = redacted(SECRET)
    assert restored_secrets(view, SECRET) == SECRET
    servers = view["providers"]["jellyfin"]["servers"]
    servers.reverse()
    servers[0]["password"] = "new"
    back: Any = restored_secrets(view, SECRET)
    assert [s["password"] for s in back["providers"]["jellyfin"]["servers"]] == ["new", "S3CRET-a"]
    servers.append({"name": "c", "password": REDACTED})
    view["notifications"]["urls"].append(REDACTED)
    back = restored_secrets(view, SECRET)
    assert back["providers"]["jellyfin"]["servers"][2]["password"] == REDACTED
    assert back["notifications"]["urls"] == ["S3CRET://x", REDACTED]
    assert restored_secrets({"new": REDACTED}, SECRET) == {"new": REDACTED}


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("languages.order", "ger-sub, ger-dub", (GER_SUB, GER_DUB)),
        ("providers.archive.base_url", "https://a.b", "https://a.b"),
        ("providers.archive.enabled", "off", False),
        ("providers.archive.enabled", "default", None),
        ("other.anime_directory", " /srv/a b ", "/srv/a b"),
        ("scheduler.enabled", "Yes", True),
        ("scheduler.times", "03:30,15:30", ("03:30", "15:30")),
        ("scheduler.times", "", ()),
        ("downloads.concurrent", "3", 3),
        ("downloads.retry_delay_seconds", "1.5", 1.5),
        ("downloads.quality", "720p", Quality.P720),
        ("downloads.subtitles", "all", SubtitleChoice.ALL),
        ("name", "", None),
        ("providers.jellyfin.servers", '[{"name":"a","base_url":"http://a"}]', None),
        ("downloads", '{"concurrent": 2}', DownloadsConfig(concurrent=2)),
    ],
)
def test_settings_are_read_from_text(name: str, raw: str, value: object) -> None:
    """Text is parsed by the type of the setting."""
    document = changed(document_from_config(Config()), name, raw)
    if name == "name":
        assert document["name"] == ""
        return
    found: Any = config_from_document(document)
    for part in name.split("."):
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    if name.endswith("servers"):
        value = (ServerConfig(name="a", base_url="http://a"),)
    assert found == value


@pytest.mark.parametrize(
    "name",
    ["", ".", "nope", "downloads.nope", "name.x", "languages.order.0", "unknown", "downloads."],
)
def test_settings_that_do_not_exist(name: str) -> None:
    """Unknown settings cannot be read or written."""
    document = document_from_config(Config())
    with pytest.raises(SettingNotFoundError):
        changed(document, name, "x")
    with pytest.raises(SettingNotFoundError):
        lookup(document, name)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("scheduler.enabled", "maybe"),
        ("downloads.concurrent", "many"),
        ("downloads.retry_delay_seconds", "soon"),
        ("providers.jellyfin.servers", "a,b"),
        ("providers", "{"),
    ],
)
def test_texts_that_do_not_fit(name: str, raw: str) -> None:
    """The error has the pointer of the setting and the expected form."""
    with pytest.raises(InvalidConfigError) as invalid:
        changed(document_from_config(Config()), name, raw)
    assert invalid.value.problems[0][0] == "/" + name.replace(".", "/")


def test_settings_are_looked_up() -> None:
    """Look-up works for settings, sections and catalogues that use defaults."""
    document = document_from_config(attrs.evolve(Config(), unknown={"/later": {"x": 1}}))
    assert lookup(document, "downloads.concurrent") == 1
    assert lookup(document, "languages") == {"order": ["ger-dub", "ger-sub"], "upgrade": False}
    assert lookup(document, "later.x") == 1
    assert lookup(document, "providers.archive.requests_per_minute") == 60
    assert isinstance(lookup(document, "providers.archive"), dict)
    names = setting_names(document)
    assert "downloads.concurrent" in names
    assert "later.x" in names
    assert "providers" in names
    assert "downloads" not in names


def _sections(kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[type, tuple[str, ...]]]:
    """Yield the settings classes in a type at any depth, with their paths."""
    if get_origin(kind) is Mapping:
        path = (*path, "aniworld")
    for inner in [kind, *get_args(kind)]:
        if isinstance(inner, type) and attrs.has(inner):
            yield inner, path
            for field in attrs.fields(inner):
                yield from _sections(field.type, (*path, field.name))


PATHS = dict(_sections(Config))
NUMBERS = [
    (section, field)
    for section in PATHS
    for field in attrs.fields(section)
    if {int, float} & {field.type, *get_args(field.type)}
]


def test_every_number_of_the_configuration_has_bounds() -> None:
    """Every number of the configuration has a minimum and a maximum."""
    assert len(NUMBERS) >= 12
    for section, field in NUMBERS:
        bounds = description_of(field).bounds
        assert bounds is not None, f"{section.__name__}.{field.name}"
        assert bounds[0] <= field.default <= bounds[1]


@pytest.mark.parametrize(
    ("section", "field"),
    NUMBERS,
    ids=lambda part: part.__name__ if isinstance(part, type) else part.name,
)
def test_a_number_out_of_bounds_is_refused(section: type, field: Any) -> None:
    """Numbers out of bounds are refused, the bounds themselves accepted."""
    path = PATHS[section]
    bounds = description_of(field).bounds
    assert bounds is not None
    least, most = bounds

    def document(value: object) -> dict[str, Any]:
        whole: dict[str, Any] = {field.name: value}
        for name in reversed(path):
            whole = {name: whole}
        return whole

    for bound in bounds:
        config_from_document(document(bound))
    refused: list[Any] = [
        least - 1,
        most + 1,
        -1 if least else -2,
        2**63,
        10**400,
        -(10**400),
        True,
        "1",
        None,
    ]
    refused += [float("nan"), float("inf"), float("-inf"), 1e308, -1e308]
    for value in refused:
        (pointer,) = problems(document(value))
        assert pointer.endswith(f"/{field.name}"), value
    raw = config_from_document(document(least))
    for text in ("1" + "0" * 400, "-1" + "0" * 400, "nan", "inf", "1e308", "true", "", "1" * 5000):
        dotted = ".".join((*path, field.name))
        with pytest.raises(InvalidConfigError):
            config_from_document(changed(document_from_config(raw), dotted, text))


def test_lists_have_an_end() -> None:
    """Lists have at most 1,440 entries."""
    assert problems({"downloads": {"hours": ["01:00-02:00"] * 1441}})
    assert problems({"network": {"allowed_hosts": ["a"] * 1441}})


@pytest.mark.parametrize(
    "value", ["a\r\nX-Evil: 1", "a\nb", "a\x00", "a\x7fb", "Grüße", "€", " a", "a\t"]
)
def test_what_becomes_a_header_is_checked_when_it_is_set(value: str) -> None:
    """Texts that become headers may not contain characters that clients refuse."""
    assert set(problems({"network": {"user_agent": value}})) == {"/network/user_agent"}
    server = {"name": "s", "base_url": "http://s.example", "token": value}
    (pointer,) = problems({"providers": {"jellyfin": {"servers": [server]}}})
    assert pointer.startswith("/providers/jellyfin/servers/0/token")


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("downloads.limit_rate", "2M", 2_000_000),
        ("downloads.limit_rate", "1.1 kB/s", 1100),
        ("downloads.reserve_bytes", "2GiB", 2 * 1024**3),
        ("library.bin_max_bytes", "1.5T", 1_500_000_000_000),
        ("downloads.limit_rate", "250", 250),
        ("downloads.limit_rate", "64ki", 65_536),
        ("downloads.limit_rate", "0.0001K", 1),
        ("downloads.limit_rate", "0K", 0),
    ],
)
def test_numbers_of_bytes_have_units(name: str, raw: str, value: int) -> None:
    """Sizes and rates of every section accept decimal and binary units."""
    assert parsed_setting(name, raw) == value


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("downloads.limit_rate", "2X"),
        ("downloads.limit_rate", "1.5"),
        ("downloads.concurrent", "2K"),
        ("downloads.stall_timeout", "2M"),
    ],
)
def test_other_numbers_have_none(name: str, raw: str) -> None:
    """An unknown unit, and a unit of bytes for another number, are refused."""
    with pytest.raises(InvalidConfigError):
        parsed_setting(name, raw)


@pytest.mark.parametrize("value", [99, "many"])
def test_each_value_has_one_problem_the_one_that_was_found_first(value: object) -> None:
    """A fault of the reader hides a wrong type or range at the same place, and no other one."""
    fault = ("/downloads/concurrent", "it is there twice")
    document = {"downloads": {"concurrent": value, "retries": -1}}

    with pytest.raises(InvalidConfigError) as refused:
        config_from_document(document, faults=[fault])

    first, second = refused.value.problems
    assert first == fault
    assert second[0] == "/downloads/retries"
