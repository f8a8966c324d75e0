"""The demo command from an empty folder to playable files, killed in between."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import attrs
import av
import pytest

from support.installed import find_command
from support.thorough import ONLY_THOROUGH

# Another test shows the same with short films; this one encodes the whole catalogue of the demo.
pytestmark = [*ONLY_THOROUGH]

COMMAND = find_command()

EPISODES = 26
#: Completed episodes at which the first run is killed.
BEFORE_THE_KILL = 6
_LANGUAGES = {"German Dub": "deu", "German Sub": "jpn"}


@attrs.frozen
class Story:
    """Three runs with one library: killed, resumed, and repeated."""

    library: Path
    kept: dict[Path, tuple[int, int]]
    resumed: subprocess.CompletedProcess[str]
    third: subprocess.CompletedProcess[str]

    def files(self) -> list[Path]:
        """Return all files of the library except subtitles and the demo's own data."""
        return [path for path in self._everything() if path.suffix != ".srt"]

    def subtitles(self) -> list[Path]:
        """Return the subtitle files."""
        return [path for path in self._everything() if path.suffix == ".srt"]

    def _everything(self) -> list[Path]:
        return sorted(
            path
            for path in self.library.rglob("*")
            if path.is_file() and ".aniworld" not in path.relative_to(self.library).parts
        )

    @property
    def document(self) -> Any:
        """Return the JSON output of the resumed run."""
        return json.loads(self.resumed.stdout)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the demo, kill it in the middle, then run it twice."""
    folder = tmp_path_factory.mktemp("demo")
    library = folder / "library"
    arguments = [COMMAND, "demo", "--once", "--dir", str(library)]
    # Settings of the user do not affect the demo.
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANIWORLD_")},
        "HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "home" / "data"),
        "ANIME_DIRECTORY": str(folder / "mine"),
        "DATABASE_URL": f"sqlite:///{folder}/mine.db",
    }
    kept = _kill_in_the_middle(arguments, variables, library)
    resumed = _run([*arguments, "--json"], variables)
    third = _run(arguments, variables)
    assert sorted(p.name for p in folder.iterdir()) == ["library"], "nothing is written elsewhere"
    return Story(library, kept, resumed, third)


def _kill_in_the_middle(
    arguments: list[str], variables: dict[str, str], library: Path
) -> dict[Path, tuple[int, int]]:
    with subprocess.Popen(arguments, env=variables, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        done = 0
        for line in process.stderr:
            done += line.startswith("done ")
            if done >= BEFORE_THE_KILL and line.startswith("started "):
                break
        process.send_signal(signal.SIGKILL)
    assert done >= BEFORE_THE_KILL
    finished = [p for p in library.rglob("*.m*") if p.suffix in {".mp4", ".mkv"}]
    shown = [p for p in finished if ".aniworld" not in p.relative_to(library).parts]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in shown}


def _run(arguments: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, env=variables, capture_output=True, text=True)


def test_a_killed_run_is_resumed(story: Story) -> None:
    """The second run completes pending and interrupted episodes."""
    assert story.resumed.returncode == 0, story.resumed.stderr
    assert story.document["failed"] == 0
    assert story.document["completed"] <= EPISODES - BEFORE_THE_KILL
    assert {item["status"] for item in story.document["items"]} == {"completed"}


def test_what_was_finished_before_the_kill_is_not_touched(story: Story) -> None:
    """Episodes that were complete before SIGKILL are not changed."""
    assert len(story.kept) >= BEFORE_THE_KILL
    for path, identity in story.kept.items():
        assert (path.stat().st_ino, path.stat().st_mtime_ns) == identity


def test_every_episode_is_there_under_its_final_name(story: Story) -> None:
    """Every episode has its final name, and no part file or ledger remains."""
    files = story.files()

    assert len(files) == EPISODES
    assert {path.suffix for path in files} <= {".mp4", ".mkv"}
    for path in files:
        series, season, name = path.relative_to(story.library).parts
        assert name.startswith(f"{series.rpartition(' (')[0]} - S{season[-2:]}E")


def test_subtitles_lie_beside_their_episodes(story: Story) -> None:
    """Subtitles have the episode's name and the German language tag."""
    stems = {path.with_suffix("") for path in story.files()}
    texts = {path.name.split(" - ")[-1]: path for path in story.subtitles()}

    assert all(path.name.endswith(".de.srt") for path in texts.values())
    assert {path.with_suffix("").with_suffix("") for path in texts.values()} <= stems
    quay = texts["Der wandernde Kai (German Dub).de.srt"].read_text()
    assert "00:00:03,000 --> 00:00:06,000\n<i>Der wandernde Kai</i>\n" in quay
    assert quay.count("-->") == 3


def test_every_file_opens_with_its_duration_and_language(story: Story) -> None:
    """Every file has video, audio, a duration and a language."""
    for path in story.files():
        label = path.stem.rpartition("(")[2].rstrip(")")
        with av.open(str(path)) as container:
            assert container.duration is not None
            assert 9.5 < container.duration / av.time_base < 15.5, path
            assert len(container.streams.video) == 1, path
            spoken = {stream.language for stream in container.streams.audio}
            assert _LANGUAGES[label] in spoken, path


def test_a_further_run_downloads_nothing_and_says_so(story: Story) -> None:
    """A further run downloads nothing and says so."""
    assert story.third.returncode == 0
    assert "nothing to download" in story.third.stderr
    assert "started" not in story.third.stderr
    assert f"Episodes: {EPISODES} (0 downloaded now)" in story.third.stdout


def test_other_commands_go_on_from_there(story: Story) -> None:
    """Other commands work with the data folder of the demo."""
    data_dir = story.library / ".aniworld"

    listed = _run([COMMAND, "--data-dir", str(data_dir), "list", "--json"], {**os.environ})
    found = _run([COMMAND, "--data-dir", str(data_dir), "search", "Moos", "--json"], {**os.environ})

    assert sum(series["have"] for series in json.loads(listed.stdout)) == EPISODES
    assert [hit["in_library"] for hit in json.loads(found.stdout)] == [True]


def test_no_episode_is_suspect(story: Story) -> None:
    """Every episode has audio of its own: the demo shows no false alarms."""
    data_dir = story.library / ".aniworld"

    inspected = _run([COMMAND, "--data-dir", str(data_dir), "inspect"], {**os.environ})

    assert inspected.returncode == 0, inspected.stderr
    assert f"{EPISODES} files inspected" in inspected.stdout + inspected.stderr
    assert "suspect" not in inspected.stdout
