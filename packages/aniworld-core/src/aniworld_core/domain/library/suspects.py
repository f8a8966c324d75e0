"""Find files whose content contradicts their episode.

A suspect file is the file of its episode. It is shown with the reason until a person replaces,
renames or pins it. A pinned file is never suspect, because a person has decided.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library.files import FileFacts, FileState, LibraryFile
from aniworld_core.domain.library.sound import is_same_sound
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message

#: Smallest number of files of a season whose median counts.
_LEAST_FILES: Final = 3
#: Lengths of an episode, as parts of the median of its season.
_SHORTEST: Final = 0.75
_LONGEST: Final = 1.5
#: Difference in length up to which two files can have the same audio: a part, and seconds.
_SAME_LENGTH: Final = 0.02
_SAME_SECONDS: Final = 2.0
#: ISO 639-3 codes that name no spoken language.
_NO_LANGUAGE: Final = frozenset({"und", "mis", "mul", "zxx", "qaa"})


def judged(
    series: Series, files: Iterable[LibraryFile], wanted: Sequence[Language]
) -> list[LibraryFile]:
    """Return all files of a series, suspect ones and copies with their state and reason.

    Files without facts or fingerprint are not judged by them. Copies of the same content are
    versions of one episode, whatever the name of the copy.

    Args:
        series: The series with the files of its episodes.
        files: All its files.
        wanted: Languages of its policy, preferred first.
    """
    plain = [_unjudged(file) for file in files]
    if not any(file.facts or file.fingerprint for file in plain):
        return plain
    held = [file for file in plain if file.state is FileState.PRESENT]
    reasons = _copied(held)
    for other in (_same_sounds(held), _lengths(held), _sounds(held), _tracks(series, held, wanted)):
        reasons |= other
    by_content = {file.fingerprint: file for file in reversed(held) if file.fingerprint}
    found = []
    for file in plain:
        if file.pinned:
            found.append(file)
        elif file.path in reasons:
            state = FileState.SUSPECT
            found.append(attrs.evolve(file, state=state, reason=reasons[file.path]))
        else:
            found.append(_as_copy(file, by_content.get(file.fingerprint)))
    return found


def _unjudged(file: LibraryFile) -> LibraryFile:
    if file.state is not FileState.SUSPECT:
        return file
    return attrs.evolve(file, state=FileState.PRESENT, reason=None)


def _as_copy(file: LibraryFile, original: LibraryFile | None) -> LibraryFile:
    """Return a file as a version of an episode if it has the content of the episode's file."""
    is_candidate = file.state in (FileState.VERSION, FileState.EXTRA, FileState.UNSURE)
    if original is None or not is_candidate:
        return file
    return attrs.evolve(
        file,
        state=FileState.VERSION,
        season=original.season,
        numbers=original.numbers,
        linked=file.linked or file.state is not FileState.VERSION,
        reason=Message("file_same_content", other=original.path),
    )


def _copied(held: Sequence[LibraryFile]) -> dict[str, Message]:
    """Return the files that have the content of the file of another episode."""
    by_content: defaultdict[str, list[LibraryFile]] = defaultdict(list)
    for file in held:
        if file.fingerprint:
            by_content[file.fingerprint].append(file)
    return {
        file.path: Message("file_same_content", other=_other(file, same).path)
        for same in by_content.values()
        if len(same) > 1
        for file in same
    }


def _same_sounds(held: Sequence[LibraryFile]) -> dict[str, Message]:
    """Return the files that have the audio of the file of another episode."""
    with_sound = [(f, f.facts) for f in held if f.facts and f.facts.sound]
    lengths = [(facts.duration_seconds or 0.0, file, facts) for file, facts in with_sound]
    lengths.sort(key=lambda each: each[0])
    reasons: dict[str, Message] = {}
    for n, (length, file, facts) in enumerate(lengths):
        limit = length + max(length * _SAME_LENGTH, _SAME_SECONDS)
        for other_length, other, other_facts in lengths[n + 1 :]:
            if other_length > limit:
                break
            if is_same_sound(facts.sound or "", other_facts.sound or ""):
                reasons.setdefault(file.path, Message("file_same_sound", other=other.path))
                reasons.setdefault(other.path, Message("file_same_sound", other=file.path))
    return reasons


def _lengths(held: Sequence[LibraryFile]) -> dict[str, Message]:
    """Return the files whose length is far from the median of their season.

    Season 0 is left out: specials and films have all lengths.
    """
    by_season: defaultdict[int, list[tuple[LibraryFile, float]]] = defaultdict(list)
    for file in held:
        length = file.facts.duration_seconds if file.facts else None
        if length is not None and file.season and file.numbers:
            by_season[file.season].append((file, length / len(file.numbers)))
    reasons: dict[str, Message] = {}
    for files in by_season.values():
        if len(files) < _LEAST_FILES:
            continue
        usual = median(length for _, length in files)
        for file, length in files:
            if not usual * _SHORTEST <= length <= usual * _LONGEST:
                count = len(file.numbers)
                reasons[file.path] = Message(
                    "file_length_differs",
                    actual_seconds=round(length * count, 1),
                    expected_seconds=round(usual * count, 1),
                )
    return reasons


def _sounds(held: Sequence[LibraryFile]) -> dict[str, Message]:
    """Return the files without audio, and those with a silent track."""
    reasons: dict[str, Message] = {}
    for file in held:
        if file.facts is None or not file.facts.video_codec:
            continue
        if not file.facts.audio_codecs:
            reasons[file.path] = Message("file_no_audio")
        elif file.facts.silent_tracks:
            reasons[file.path] = Message("file_silent", track=file.facts.silent_tracks[0] + 1)
    return reasons


def _tracks(
    series: Series, held: Sequence[LibraryFile], wanted: Sequence[Language]
) -> dict[str, Message]:
    """Return the files whose audio tracks are all in other languages than the wanted one.

    That is the language that the file claims, or else one of the policy.
    """
    claims = {episode.file: episode.file_language for episode in series.episodes if episode.file}
    reasons: dict[str, Message] = {}
    for file in held:
        spoken = _spoken(file.facts)
        claim = claims.get(file.path)
        allowed = wanted if claim is None else [claim]
        is_right = any(language.allows_audio(tag) for language in allowed for tag in spoken)
        if spoken and allowed and not is_right:
            reasons[file.path] = Message(
                "file_wrong_language",
                audio=", ".join(dict.fromkeys(spoken)),
                wanted=", ".join(map(str, allowed)),
            )
    return reasons


def _spoken(facts: FileFacts | None) -> Sequence[str]:
    """Return the languages of the audio tracks; none if a track does not state its language."""
    tags = facts.audio_languages if facts else ()
    return () if any(tag in _NO_LANGUAGE for tag in tags) else tags


def _other(file: LibraryFile, same: Sequence[LibraryFile]) -> LibraryFile:
    return next(each for each in same if each is not file)
