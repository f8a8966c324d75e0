"""The downloaded files and their checks."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

_BLOCK = 4 * 1024 * 1024
_SEGMENT_SECONDS = 6
_PIECE_SECONDS = 60


def make_file(path: Path, size: int) -> str:
    """Create a film of exactly *size* bytes unless it exists, and return its digest.

    A film of two seconds is followed by a box of random bytes, which players skip: the file is
    valid and cannot be compressed.
    """
    if not path.exists() or path.stat().st_size != size:
        _ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "2",
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
            "-movflags", "+faststart", "-f", "mp4", str(path),
        )  # fmt: skip
        with path.open("ab") as output:
            left = size - output.tell() - 16
            output.write((1).to_bytes(4) + b"free" + (left + 16).to_bytes(8))
            for start in range(0, left, _BLOCK):
                output.write(os.urandom(min(_BLOCK, left - start)))
    return digest_of(path)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_stream(folder: Path, seconds: int, *, encrypted: bool) -> str:
    """Make a film in segments, unless it is there, and return the name of its playlist.

    A minute is encoded once and repeated.
    """
    name = f"film-{seconds}{'-aes' if encrypted else ''}"
    playlist = folder / name / "index.m3u8"
    if not playlist.exists():
        playlist.parent.mkdir(exist_ok=True)
        _cut(_make_piece(folder), playlist, seconds, encrypted=encrypted)
    return f"{name}/index.m3u8"


def _make_piece(folder: Path) -> Path:
    piece = folder / "piece.mp4"
    if not piece.exists():
        _ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25,noise=all_strength=12:all_flags=t",
            "-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000",
            "-t", str(_PIECE_SECONDS), "-c:v", "libx264", "-preset", "ultrafast",
            "-pix_fmt", "yuv420p", "-b:v", "3000k", "-maxrate", "3000k", "-bufsize", "6000k",
            "-g", str(25 * _SEGMENT_SECONDS), "-sc_threshold", "0",
            "-c:a", "aac", "-b:a", "128k", str(piece),
        )  # fmt: skip
    return piece


def _cut(piece: Path, playlist: Path, seconds: int, *, encrypted: bool) -> None:
    folder = playlist.parent
    options: list[str] = []
    if encrypted:
        (folder / "key.bin").write_bytes(os.urandom(16))
        (folder / "key.info").write_text(f"key.bin\n{folder / 'key.bin'}\n")
        options = ["-hls_key_info_file", str(folder / "key.info")]
    _ffmpeg(
        "-stream_loop", "-1", "-i", str(piece), "-t", str(seconds), "-c", "copy",
        "-f", "hls", "-hls_time", str(_SEGMENT_SECONDS), "-hls_playlist_type", "vod",
        "-hls_list_size", "0", "-hls_segment_filename", str(folder / "%05d.ts"),
        *options, str(playlist),
    )  # fmt: skip


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def packets_of(path: Path) -> dict[str, int]:
    """Count the packets of each kind of track; a film that lacks some is another film."""
    # A playlist of our own may name a key beside it.
    trusted = ["-allowed_extensions", "ALL"] if path.suffix == ".m3u8" else []
    probe = subprocess.run(
        [
            "ffprobe", "-v", "error", "-count_packets", "-of", "json",
            "-show_entries", "stream=codec_type,nb_read_packets", *trusted, path,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    streams = json.loads(probe.stdout)["streams"]
    return {s["codec_type"]: int(s["nb_read_packets"]) for s in streams}
