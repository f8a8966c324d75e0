"""Each setting is described once, and every view derives from the description."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import aniworld_http
from aniworld_cli.app import run
from aniworld_core.application.configuration import REDACTED, all_settings
from aniworld_core.bootstrap.config_access import config_editor
from aniworld_core.bootstrap.plugins import declared_settings
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.documents import plain_type
from aniworld_core.domain.configuration import (
    ANY,
    Config,
    DescribedSetting,
    described,
    is_list,
    is_setting,
    section_of,
)
from aniworld_core.domain.configuration.description import SETTING
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.errors import InvalidConfigError
from support.http_stage import open_server

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"
LOCALE = Path(aniworld_http.__file__).parent / "web" / "locale"
LANGUAGES = ("en", "de")
ALL = tuple(all_settings(declared_settings()))
OPEN = tuple(each for each in ALL if not each.description.is_internal)
#: Servers need a name and an address in addition to the tested value.
SERVER = {"name": "s", "base_url": "http://s.example"}


def names_of(each: DescribedSetting) -> list[str]:
    """Return the path of a setting with a name for any provider."""
    return ["mine" if name == ANY else name for name in each.path]


def document(each: DescribedSetting, value: object) -> tuple[dict[str, Any], str]:
    """Return a document with a value of a setting, and the pointer to the setting."""
    names = names_of(each)
    if names[:2] == ["media_servers", "servers"] and len(names) > 2:
        given = {"kind": "plex", **SERVER, names[-1]: value}
        return {"media_servers": {"servers": [given]}}, f"/media_servers/servers/0/{names[-1]}"
    if "servers" in names[:-1]:
        whole: Any = {"servers": [{**SERVER, names[-1]: value}]}
        return {"providers": {"mine": whole}}, f"/providers/mine/servers/0/{names[-1]}"
    whole = value
    for name in reversed(names):
        whole = {name: whole}
    return whole, pointer_to(names)


def wrong_values(each: DescribedSetting) -> Iterator[object]:
    """Yield a value of a wrong type, and one for each rule of the description that it breaks."""
    says, kind = each.description, plain_type(each.kind)
    yield {"a": 1}
    if says.bounds is not None:
        yield from (says.bounds[0] - 1, says.bounds[1] + 1)
    if each.choices:
        yield ["no such choice"] if is_list(kind) else "no such choice"
    if says.form is not None:
        yield ["\x01"] if is_list(kind) else "\x01"
    if says.is_required:
        yield [] if is_list(kind) else ""


def test_every_setting_is_described() -> None:
    """Every field of a section has a description."""
    found = {section_of(each.kind) for each in described(Config)}
    found |= {section_of(field.type) for field in attrs.fields(Config)} | {Config}
    for cls in filter(None, found):
        for field in filter(is_setting, attrs.fields(cls)):
            assert SETTING in field.metadata or section_of(field.type), f"{cls}.{field.name}"
    assert len(ALL) > 50


def test_numbers_have_bounds_and_secrets_are_marked() -> None:
    """Numbers have bounds, and passwords and tokens are marked as secret."""
    for each in ALL:
        if plain_type(each.kind) in (int, float):
            assert each.description.bounds is not None, each.name
        if re.search(r"password|token|secret|hash", each.path[-1]):
            assert each.description.is_secret, each.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_texts(language: str) -> None:
    """Each setting has a label, a help text, and texts for its unit and choices."""
    texts = json.loads((LOCALE / f"{language}.json").read_text("utf-8"))
    for each in OPEN:
        says = each.description
        assert says.labels.get(language) or texts[each.text], each.name
        assert says.hints.get(language) or texts[f"{each.text}.hint"], each.name
        if says.unit is not None:
            assert texts[f"unit.{says.unit.name}"]
        if says.texts:
            assert all(texts[f"{says.texts}.{choice}"] for choice in each.choices), each.name
    known = {each.text for each in ALL}
    named = {name.removesuffix(".hint") for name in texts if name.startswith("setting.")}
    assert named <= known, "texts of settings that do not exist"


async def test_wrong_values_are_refused_by_the_api(tmp_path: Path) -> None:
    """The API refuses each invalid value with its pointer."""
    tried = 0
    async with open_server(tmp_path) as server:
        for each in OPEN:
            for value in wrong_values(each):
                change, pointer = document(each, value)
                status, answer = await server.json("POST", "/api/config/validate", change)
                found = [error["pointer"] for error in answer["errors"]]
                assert status == 200, (each.name, value)
                assert any(p.startswith(pointer) for p in found), (each.name, value, found)
                tried += 1
    assert tried > 100


def test_a_file_with_wrong_values_is_refused_with_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`config validate` and every other command report all invalid values."""
    everything: dict[str, Any] = {}
    pointers = []
    for each in OPEN:
        if each.description.bounds is not None:
            change, pointer = document(each, each.description.bounds[1] + 1)
            pointers.append(pointer)
            everything = _merged(everything, change)
    (tmp_path / "config.json").write_text(json.dumps(everything))
    for command in (["config", "validate", "--json"], ["config", "show"], ["list"]):
        code, text = _run(tmp_path, capsys, *command)
        assert code != 0, command
        assert [pointer for pointer in pointers if pointer not in text] == [], command


async def test_the_command_reads_every_setting_by_its_description(tmp_path: Path) -> None:
    """`config get` and `config set` support every setting and enforce its bounds."""
    editor = config_editor(Settings(data_dir=tmp_path))
    for each in OPEN:
        if "servers" in each.path[:-1]:
            continue  # A list is set as a whole.
        name = ".".join(names_of(each))
        editor.shown_setting(await editor.read(), name)
        if each.description.bounds is None:
            continue
        for value in map(int, each.description.bounds):
            await editor.set({name: str(value)})
            assert editor.shown_setting(await editor.read(), name) == value
        for wrong in (str(each.description.bounds[0] - 1), str(value + 1), "x", ""):
            with pytest.raises(InvalidConfigError):
                await editor.set({name: wrong})
        assert editor.shown_setting(await editor.read(), name) == value


async def test_secrets_are_hidden(tmp_path: Path) -> None:
    """A secret setting is shown as stars, and sending the stars back keeps it."""
    values = {
        "/notifications/urls": ["ntfy://S3CRET"],
        "/notifications/webhooks": ["http://h/S3CRET"],
    }
    whole: dict[str, Any] = {}
    secrets = [each for each in OPEN if each.description.is_secret]
    for each in secrets:
        value = values.get(pointer_to(each.path), f"S3CRET-{'x' * 16}")
        change, _ = document(each, value)
        whole = _merged(whole, change)
    server_part: dict[str, Any] = whole["providers"]["mine"]["servers"][0]
    server_part |= {each.path[-1]: "S3CRET" for each in secrets if "servers" in each.path}
    async with open_server(tmp_path) as server:
        status, stored = await server.json("PUT", "/api/config", whole)
        again, _ = await server.json("PUT", "/api/config", stored)
        kept = server.stage.app.current_config.value
    assert (status, again) == (200, 200)
    assert "S3CRET" not in json.dumps(stored)
    assert json.dumps(stored).count(REDACTED) >= len(secrets)
    assert kept.providers["mine"].servers[0].password == "S3CRET"
    assert len(secrets) >= 5


async def test_paths_need_the_password(tmp_path: Path) -> None:
    """Settings marked with `needs_password` require `current_password` for a change."""
    guarded = [each for each in OPEN if each.description.needs_password]
    async with open_server(tmp_path) as server:
        for each in guarded:
            change, _ = document(each, str(tmp_path))
            status, problem = await server.json("PUT", "/api/config", change)
            pointers = [error["pointer"] for error in problem["errors"]]
            assert (status, pointers) == (422, ["/current_password"]), each.name
    assert len(guarded) >= 4


async def test_the_page_and_the_description_know_every_setting(tmp_path: Path) -> None:
    """`GET /api/config/settings` and the OpenAPI schemas agree with the descriptions."""
    async with open_server(tmp_path) as server:
        _, views = await server.json("GET", "/api/config/settings")
        _, api = await server.json("GET", "/api/openapi.json")
    by_pointer = {view["pointer"]: view for view in views}
    assert by_pointer.keys() == {pointer_to(each.path) for each in OPEN}
    operation = api["paths"]["/api/config"]["get"]
    whole = operation["responses"]["200"]["content"]["application/json"]["schema"]
    whole = api["components"]["schemas"].get(whole.get("$ref", "").rpartition("/")[2], whole)
    for each in OPEN:
        view, says = by_pointer[pointer_to(each.path)], each.description
        assert (view["minimum"], view["maximum"]) == (says.bounds or (None, None)), each.name
        assert view["choices"] == list(each.choices)
        assert view["is_secret"] is says.is_secret
        assert view["needs_password"] is says.needs_password
        if each.path[0] == "providers" and each.path[1] != ANY:
            assert view["providers"] == [each.path[1]]
            continue
        schema = whole
        for name in each.path:
            if name == ANY:
                schema = schema.get("additionalProperties") or schema["items"]
            else:
                schema = schema["properties"][name]
        assert (schema.get("minimum"), schema.get("maximum")) == (says.bounds or (None, None))
        if each.choices and not says.any_case and not is_list(each.kind):
            assert schema["enum"] == list(each.choices), each.name


def test_the_documentation_is_made_of_the_descriptions() -> None:
    """`docs/configuration.md` equals the output of `python docs/make_configuration.py`."""
    path = DOCS / "make_configuration.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    page = (DOCS / "configuration.md").read_text("utf-8")

    assert program.page(page) == page, "run: python docs/make_configuration.py"


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    result = dict(one)
    for name, value in other.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = _merged(result[name], value) if both else value
    return result


def _run(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run(["--data-dir", str(data), *arguments])
    captured = capsys.readouterr()
    return code, captured.out + captured.err
