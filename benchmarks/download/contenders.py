"""The programs that are compared, each asked to do its best."""

import shutil
import sys
from pathlib import Path

from origin import Origin
from rounds import Contender

TOOLS = ("nginx", "aria2c", "curl", "ffmpeg", "ffprobe", "openssl")
_CONNECTIONS = "8"


def missing_tools() -> list[str]:
    """Name the programs that are not installed."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def _ours(kind: str, url: str, origin: Origin) -> Contender:
    driver = str(Path(__file__).with_name("ours.py"))
    return Contender(
        "ours",
        lambda target: [
            sys.executable, driver, kind, url, str(target), "--connections", _CONNECTIONS,
        ],
        ".mp4" if kind == "hls" else "",
        {"SSL_CERT_FILE": str(origin.authority)},
    )  # fmt: skip


def _ytdlp(url: str, suffix: str) -> Contender:
    return Contender(
        "yt-dlp",
        lambda target: [
            sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-plugin-dirs",
            "--no-cache-dir", "--quiet", "--no-warnings", "-N", _CONNECTIONS,
            "-o", str(target), url,
        ],
        suffix,
    )  # fmt: skip


def direct_contenders(origin: Origin, url: str) -> dict[str, Contender]:
    """Programs that load a file."""
    authority = str(origin.authority)
    found = (
        _ours("direct", url, origin),
        Contender("curl", lambda to: ["curl", "-sS", "--cacert", authority, "-o", str(to), url]),
        Contender(
            "bare",
            lambda to: [sys.executable, str(Path(__file__).with_name("bare.py")), url, str(to)],
        ),
        Contender(
            "curl+sync",
            lambda to: [
                "sh", "-c", 'curl -sS --cacert "$1" -o "$2" "$3" && sync "$2"', "sh",
                authority, str(to), url,
            ],
        ),
        Contender(
            "aria2c",
            lambda to: [
                "aria2c", "-q", "-x", _CONNECTIONS, "-s", _CONNECTIONS, "-k", "1M",
                "--file-allocation=none", f"--ca-certificate={authority}", "--no-conf",
                "-d", str(to.parent), "-o", to.name, url,
            ],
        ),
        _ytdlp(url, ""),
    )  # fmt: skip
    return {contender.name: contender for contender in found}


def stream_contenders(origin: Origin, url: str) -> dict[str, Contender]:
    """Programs that load a stream into one file, its index in front."""
    found = (
        _ours("hls", url, origin),
        Contender(
            "ffmpeg",
            lambda to: [
                "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", url, "-c", "copy",
                "-movflags", "+faststart", str(to),
            ],
            ".mp4",
        ),
        _ytdlp(url, ".mp4"),
    )  # fmt: skip
    return {contender.name: contender for contender in found}
