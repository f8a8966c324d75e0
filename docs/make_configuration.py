"""Write the tables of `docs/configuration.md` from the descriptions of the settings.

`python docs/make_configuration.py` replaces every table between `<!-- settings: NAME -->` and
`<!-- end -->`. A table lists the settings of one section of `config.json`; its help texts are the
English ones of the settings page.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aniworld_http
from aniworld_core.application.configuration import all_settings
from aniworld_core.bootstrap.plugins import declared_settings
from aniworld_core.documents import plain_type, plain_values
from aniworld_core.domain.configuration import ANY, DescribedSetting

PAGE: Final = Path(__file__).with_name("configuration.md")
_TEXTS: Final = Path(aniworld_http.__file__).parent / "web" / "locale" / "en.json"
_TABLE: Final = re.compile(r"(<!-- settings: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(former: str) -> str:
    """Return the page with regenerated tables.

    Raises:
        ValueError: If a section of settings has no table.
    """
    texts = json.loads(_TEXTS.read_text("utf-8"))
    rows: dict[str, list[str]] = {}
    declared: dict[str, list[str]] = {}
    for each in all_settings(declared_settings()):
        section, name = _place(each)
        row = _row(name, each, texts)
        if each.path[0] == "providers" and each.path[1] != ANY:
            declared.setdefault(row, []).append(each.path[1])
        else:
            rows.setdefault(section, []).append(row)
    for row, providers in declared.items():
        only = " and ".join(f"`{provider}`" for provider in providers)
        rows["providers.NAME"].append(row.removesuffix(" |\n") + f" Only {only}. |\n")
    shown = {section for _, section, _ in _TABLE.findall(former)}
    if missing := rows.keys() - shown:
        raise ValueError(f"{PAGE.name} has no table for {', '.join(sorted(missing))}")
    head = "| setting | default | allowed | meaning |\n|---|---|---|---|\n"
    return _TABLE.sub(lambda found: f"{found[1]}{head}{''.join(rows[found[2]])}{found[3]}", former)


def _place(each: DescribedSetting) -> tuple[str, str]:
    """Return the section of a setting, and its name in it."""
    if each.path[0] == "providers":
        of_servers = each.path[1:3] == (ANY, "servers") and len(each.path) > 3
        section = "providers.NAME.servers" if of_servers else "providers.NAME"
        return section, each.path[-1]
    if ANY in each.path:
        return ".".join(each.path[: each.path.index(ANY)]), each.path[-1]
    if len(each.path) == 1:
        return "top", each.name
    return each.path[0], ".".join(each.path[1:])


def _row(name: str, each: DescribedSetting, texts: dict[str, str]) -> str:
    says = each.description
    label = says.labels.get("en") or texts[each.text]
    hint = says.hints.get("en") or texts[f"{each.text}.hint"]
    marks = ["secret"] if says.is_secret else []
    marks += ["a change needs the password"] if says.needs_password else []
    meaning = f"{label}. {hint}" + (f" ({', '.join(marks)})" if marks else "")
    cells = [f"`{name}`", _written(each), "; ".join(_allowed(each)), meaning]
    return f"| {' | '.join(cells)} |\n"


def _written(each: DescribedSetting) -> str:
    if each.default is None and plain_type(each.kind) is each.kind:
        return "(required)"
    default = plain_values(each.default)
    if isinstance(default, str):
        return f"`{default}`" if default else "(empty)"
    return f"`{json.dumps(default)}`"


def _allowed(each: DescribedSetting) -> Iterator[str]:
    says = each.description
    if each.choices:
        yield ", ".join(f"`{choice}`" for choice in each.choices)
    if says.bounds is not None:
        least, most = says.bounds
        yield f"{_number(least)} to {_number(most)}" + (f" {says.unit.stored}" if says.unit else "")
    if says.form is not None:
        example = f", such as `{says.form.example}`" if says.form.example else ""
        yield says.form.name + example
    if each.kind in (bool, bool | None):
        yield "`true`, `false`"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def main() -> int:
    """Write the page, and return whether it was out of date."""
    former = PAGE.read_text("utf-8")
    made = page(former)
    PAGE.write_text(made, "utf-8")
    return int(made != former)


if __name__ == "__main__":
    sys.exit(main())
