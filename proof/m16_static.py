"""M16: static checks: bandit, own rules, known vulnerabilities, licences."""

import ast
import asyncio
import json
import re
import shutil
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from architecture.test_forbidden_calls import SOURCES, _exception, _found_in
from proof import ROOT
from proof.figure import Control, Edit, Figure, Run, Size

#: Tools that are run in environments of their own: uv fetches them, the product never uses them.
_BANDIT: Final = "bandit==1.9.4"
#: Seconds for one tool, which may have to be fetched.
_TOOL_SECONDS: Final = 300
#: Medium and high severity. B610 is about `extra` of Django, which nothing here uses.
_CHOICE: Final = ("-ll", "--skip", "B610", "-f", "json")
_AUDIT: Final = "pip-audit>=2.9"
#: Licences under which everything may be used together with this program.
#: An assertion that tells mypy what is certain says why.
_REASON: Final = re.compile(r"# noqa: S101 - \S+")
_FREE: Final = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|MPL|Mozilla|Unlicense|LGPL|Lesser|GPL|CC0|Zlib|ZPL"
    r"|Public Domain",
    re.IGNORECASE,
)


async def _prove(run: Run) -> None:
    """Run the tools over the sources of all packages."""
    for path in SOURCES:
        where = path.relative_to(ROOT)
        found = [
            f"{where}:{line}: {what}"
            for line, what in _found_in(path)
            if not _exception(path, what)
        ]
        found += [f"{where}:{line}: an assert is no guard" for line in _asserts(path)]
        found += [f"{where}:{line}: nosec without a reason" for line in _bare_nosec(path)]
        run.check(ok=not found, failure="; ".join(found))
    if shutil.which("uv") is None:
        run.measured["not run"] = "bandit and pip-audit: uv is missing"
        return
    await _bandit(run)
    if run.size is not Size.CONTROL:
        _licences(run)
    if run.size is Size.FULL:
        await _audit(run)


def _asserts(path: Path) -> list[int]:
    """Return the lines of assertions outside of the test support that core ships."""
    if "testing" in path.parts:
        return []
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]
    return [each.lineno for each in found if not _REASON.search(lines[each.lineno - 1])]


def _bare_nosec(path: Path) -> list[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [n for n, line in enumerate(lines, 1) if re.search(r"#\s*nosec(\s+B\d+)?\s*$", line)]


async def _bandit(run: Run) -> None:
    sources = [str(source) for source in sorted(ROOT.glob("packages/*/src"))]
    code, written = await _tool("--from", _BANDIT, "bandit", "-q", "-r", *sources, *_CHOICE)
    if not written.startswith("{"):
        run.measured["bandit"] = f"did not run: {written[-200:]}"
        return
    report = json.loads(written)
    serious = [
        f"{each['filename']}:{each['line_number']}: {each['test_id']} {each['issue_text']}"
        for each in report["results"]
        if not _has_reason(each)
    ]
    run.measured["bandit"] = f"{len(report['metrics']) - 1} files, exit code {code}"
    run.check(ok=not serious, failure="; ".join(serious), cases=len(report["metrics"]) - 1)


def _has_reason(finding: dict[str, Any]) -> bool:
    """Whether one of the lines says why it is right; ruff knows the checks of bandit as `S...`."""
    lines = Path(finding["filename"]).read_text(encoding="utf-8").splitlines()
    mark = f"# noqa: S{finding['test_id'][1:]} - "
    return any(mark in lines[number - 1] for number in finding["line_range"])


async def _audit(run: Run) -> None:
    """Ask for known vulnerabilities; without an answer the report says so."""
    frozen = "\n".join(
        f"{each.metadata['Name']}=={each.version}"
        for each in metadata.distributions()
        if not each.metadata["Name"].startswith("aniworld")
    )
    wanted = run.folder / "requirements.txt"
    wanted.write_text(frozen + "\n", encoding="utf-8")
    code, written = await _tool(
        *("--from", _AUDIT, "pip-audit", "--no-deps", "--disable-pip"),
        *("-f", "json", "-r", str(wanted)),
    )
    if not written.startswith("{"):
        run.measured["pip-audit"] = f"no answer: {written.strip()[-200:]}"
        return
    report = json.loads(written)["dependencies"]
    asked = [each for each in report if "vulns" in each]
    known = [f"{e['name']} {e['version']}: {v['id']}" for e in asked for v in e["vulns"]]
    skipped = len(report) - len(asked)
    run.measured["pip-audit"] = f"{len(asked)} answered, {skipped} unknown, exit code {code}"
    run.check(ok=not known, failure="; ".join(known), cases=len(asked))


def _licences(run: Run) -> None:
    counts = Counter[str]()
    for each in metadata.distributions():
        if (name := each.metadata["Name"]).startswith("aniworld"):
            continue
        told = [
            str(each.metadata.json.get(field, "")) for field in ("license_expression", "license")
        ]
        told += [text for text in each.metadata.get_all("Classifier") or () if "License" in text]
        words = next((m[0] for text in told if (m := _FREE.search(text))), "")
        counts[words or "not stated"] += 1
        run.check(ok=bool(words), failure=f"{name}: licence {told[:2]} is not known to be free")
    run.measured["licences"] = dict(counts.most_common())


async def _tool(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *("uv", "tool", "run", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        written, errors = await asyncio.wait_for(process.communicate(), _TOOL_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return 1, f"{arguments[1]} gave no answer within {_TOOL_SECONDS} s"
    output = written.decode(errors="replace")
    return process.returncode or 0, output.strip() or errors.decode(errors="replace")


_PROCESS: Final = "packages/aniworld-providers/src/aniworld_providers/media/remux/process.py"

FIGURE: Final = Figure(
    name="M16",
    title="static checks, known vulnerabilities, licences",
    prove=_prove,
    controls=(
        Control(
            "run a shell",
            (
                Edit(
                    _PROCESS,
                    "import subprocess\n",
                    'import subprocess\n\nsubprocess.call("true", shell=True)\n',
                ),
            ),
        ),
    ),
)
