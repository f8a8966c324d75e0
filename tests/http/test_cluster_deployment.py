"""Files in deploy/cluster: every service can start, and nginx accepts its configuration."""

import re
import subprocess
from pathlib import Path
from typing import Any

import cyclopts
import pytest

from aniworld_cli.app import build_app
from aniworld_cli.rendering.output import Output
from support.cluster_proxy import CLUSTER, nginx_command, nginx_configuration

#: Variables of the entry point of the image.
_IDS = {"PUID", "PGID"}
#: Made from the settings.
_CONFIGURATION = Path(__file__).parents[2] / "docs/configuration.md"


def _services() -> dict[str, dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load((CLUSTER / "compose.yaml").read_text())
    return found["services"]


def _own() -> dict[str, dict[str, Any]]:
    return {name: each for name, each in _services().items() if each["image"] == "aniworld"}


def test_every_role_has_a_service() -> None:
    """Two servers without downloads, two workers and a scheduler, on one database behind nginx."""
    roles = sorted(tuple(each["command"][1:3]) for each in _own().values())

    assert roles == [
        ("scheduler",),
        *[("serve", "--web-only")] * 2,
        *[("worker", "--slots")] * 2,
    ]
    assert _services().keys() - _own().keys() == {"proxy", "database"}


def test_the_commands_exist() -> None:
    """The program accepts the command line of every service."""
    app = build_app([Output(is_json=False)], {})
    for name, service in _own().items():
        program, *arguments = service["command"]
        assert program == "aniworld"
        try:
            app.parse_args(arguments, exit_on_error=False, print_error=False)
        except cyclopts.CycloptsError as error:
            pytest.fail(f"{name}: {error}")


def test_the_variables_are_settings() -> None:
    """No service sets a variable that nothing reads, and servers have what they need."""
    known = {*re.findall(r"^\| `([A-Z_]+)`", _CONFIGURATION.read_text(), re.MULTILINE), *_IDS}
    for name, service in _own().items():
        assert service["environment"].keys() <= known, name
        assert service["environment"]["DATABASE_URL"].startswith("postgresql://")
        if "serve" in service["command"]:
            assert "JWT_SECRET_KEY" in service["environment"]


def test_each_process_has_a_data_folder_and_all_have_the_library() -> None:
    """Data folders are not shared; a second server in one would be refused."""
    volumes = [service["volumes"] for service in _own().values()]

    data = [each for mounts in volumes for each in mounts if each.endswith(":/data")]
    assert len(set(data)) == len(volumes)
    assert all(any(each.endswith(":/library") for each in mounts) for mounts in volumes)


def test_nginx_knows_every_server() -> None:
    """The servers of nginx are the services that serve pages."""
    named = set(re.findall(r"server (\S+):8000", (CLUSTER / "nginx.conf").read_text()))

    assert named == {name for name, each in _own().items() if "serve" in each["command"]}


def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    """`nginx -t` finds no mistake; the names of the services are those of a container network."""
    addresses = {"server-1:8000": "127.0.0.1:1", "server-2:8000": "127.0.0.1:2"}
    configuration = nginx_configuration(tmp_path, addresses)

    done = subprocess.run(
        [*nginx_command(configuration), "-t"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
