"""The container: who its server is, and what belongs to whom."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ENTRYPOINT = Path(__file__).parents[2] / "deploy/entrypoint.py"
ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
ONLY_OTHERS = pytest.mark.skipif(os.geteuid() == 0, reason="tests the start as a normal user")


def _start(data: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_ENTRYPOINT), *command],
        env={"PATH": os.defpath, "ANIWORLD_DATA_DIR": str(data), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with a file, a folder and a link to a file outside."""
    folder = tmp_path / "data"
    (folder / "backups").mkdir(parents=True)
    (folder / "aniworld.db").touch()
    (tmp_path / "outside").touch()
    (folder / "link").symlink_to(tmp_path / "outside")
    return folder


@ONLY_ROOT
@pytest.mark.parametrize(
    ("variables", "user", "group"),
    [({}, 10001, 10001), ({"PUID": "1234", "PGID": "2345"}, 1234, 2345)],
)
def test_the_command_runs_as_the_wanted_user(
    data: Path, variables: dict[str, str], user: int, group: int
) -> None:
    """It has that user and group only, and the data folder belongs to them, but nothing outside."""
    done = _start(data, "id", "-u", **variables)
    groups = _start(data, "id", "-G", **variables)

    assert (done.returncode, done.stdout.strip(), groups.stdout.strip()) == (
        0,
        str(user),
        str(group),
    )
    inside = [data, *data.iterdir()]
    assert {(p.lstat().st_uid, p.lstat().st_gid) for p in inside} == {(user, group)}
    assert (data.parent / "outside").stat().st_uid == 0


@ONLY_ROOT
@pytest.mark.parametrize("name", ["PUID", "PGID"])
@pytest.mark.parametrize("value", ["0", "-1", "root", "²", "1.5", "99999999999"])
def test_a_wrong_user_stops_the_start(data: Path, name: str, value: str) -> None:
    """One sentence names the variable, and nothing has been given away; root is refused too."""
    done = _start(data, "id", "-u", **{name: value})

    assert (done.returncode, done.stdout) == (8, "")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr
    assert data.stat().st_uid == 0


@ONLY_OTHERS
def test_another_user_stays_that_user(data: Path) -> None:  # pragma: no cover - CI runs as root
    """A container started with `--user` says that PUID has no effect, and goes on."""
    done = _start(data, "id", "-u", PUID="1")

    assert (done.returncode, done.stdout.strip()) == (0, str(os.geteuid()))
    assert "PUID has no effect" in done.stderr


def test_a_command_that_is_missing_is_one_sentence(data: Path) -> None:
    """No traceback, with the exit code of a wrong configuration."""
    none = _start(data)
    missing = _start(data, "no-such-program")

    assert (none.returncode, missing.returncode) == (8, 8)
    assert "no command was given" in none.stderr
    assert missing.stderr.strip() == "no-such-program cannot be run: No such file or directory"


def test_the_image_starts_with_the_entrypoint() -> None:
    """The image contains it and runs the server through it."""
    text = (_ENTRYPOINT.parent / "Dockerfile").read_text()

    assert 'ENTRYPOINT ["python", "/opt/aniworld/entrypoint.py"]\nCMD ["aniworld-http"]' in text
    assert "COPY deploy/entrypoint.py deploy/health.py /opt/aniworld/" in text


def test_the_build_copies_what_the_packages_link_to() -> None:
    """The packages share files of the root by links, which lead nowhere without those files."""
    root = _ENTRYPOINT.parents[1]
    stage = (_ENTRYPOINT.parent / "Dockerfile").read_text().partition("RUN /opt/build/bin/uv")[0]
    copied = {
        word
        for line in stage.splitlines()
        if line.startswith("COPY ")
        for word in line.split()[1:-1]
    }

    targets = {
        path.resolve().relative_to(root).parts[0]
        for path in root.glob("packages/*/*")
        if path.is_symlink()
    }
    assert targets
    assert targets <= copied
