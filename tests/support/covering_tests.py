"""Which tests execute which lines: recorded once, then used to run only the tests of a line."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import coverage
import pytest

#: The context of lines that run while modules are imported, outside of any test.
_IMPORT: Final = ""


@attrs.frozen
class CoveringTests:
    """The tests that passed in an unchanged copy, with their durations and lines.

    Attributes:
        durations: Seconds by node ID, in the order of the run.
        lines: Node IDs by file below the workspace and line; empty lists for imported lines.
    """

    durations: Mapping[str, float]
    lines: Mapping[str, Mapping[str, Sequence[str]]]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> "CoveringTests":
        """Read the files that several `LineRecorder` wrote, each of other tests."""
        durations: dict[str, float] = {}
        lines: dict[str, dict[str, list[str]]] = {}
        for path in paths:
            document = json.loads(path.read_text(encoding="utf-8"))
            durations |= document["durations"]
            for file, recorded in document["lines"].items():
                known = lines.setdefault(file, {})
                for line, tests in recorded.items():
                    known.setdefault(line, []).extend(tests)
        return cls(durations, lines)

    def of(self, file: str, lines: Iterable[int] | None = None) -> set[str]:
        """Return the tests that execute one of the lines, or any line of the file."""
        known = self.lines.get(file, {})
        chosen = known if lines is None else map(str, lines)
        found = (test for line in chosen for test in known.get(line, ()))
        return {test for test in found if test in self.durations}


@attrs.define(eq=False)
class LineRecorder:
    """A plug-in of pytest that writes a file for `CoveringTests`.

    Attributes:
        target: The file to write.
        sources: Folders below the working directory whose lines are recorded.
    """

    target: Path
    sources: Sequence[str]
    _durations: dict[str, float] = attrs.field(init=False, factory=dict)
    _failed: set[str] = attrs.field(init=False, factory=set)
    _coverage: Any = attrs.field(init=False, default=None)

    def pytest_sessionstart(self) -> None:
        """Start before the first module of the copy is imported."""
        patterns = [f"{Path.cwd()}/{source}/*" for source in self.sources]
        self._coverage = coverage.Coverage(data_file=None, include=patterns, config_file=False)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Record the lines of a test, its fixtures included, under its node ID."""
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context(_IMPORT)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the duration of a test; leave out those that failed."""
        seconds = self._durations.get(report.nodeid, 0.0)
        self._durations[report.nodeid] = seconds + report.duration
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {
            os.path.relpath(file): {
                str(line): [test for test in tests if test != _IMPORT]
                for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        kept = {test: s for test, s in self._durations.items() if test not in self._failed}
        self.target.write_text(json.dumps({"durations": kept, "lines": lines}), encoding="utf-8")


@attrs.frozen
class Selection:
    """A plug-in of pytest that runs some of the collected tests, in an order of its own."""

    tests: Sequence[str]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of the selection."""
        place = {test: number for number, test in enumerate(self.tests)}
        items[:] = sorted(
            (item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid]
        )
