"""Hosts of the cluster: network namespaces of this run, or only names where there are none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

#: Set in the namespace that this program runs itself in.
_INSIDE = "ANIWORLD_CLUSTER_INSIDE"
_CENTRE = "10.77.0.1"


def enter_namespace() -> None:
    """Run this program again in a network of its own; everything it started ends with it."""
    if os.getuid() == 0 and _INSIDE not in os.environ:
        os.environ[_INSIDE] = "1"
        options = ("--net", "--pid", "--fork", "--mount-proc", "--kill-child", "--")
        os.execvp("unshare", ["unshare", *options, sys.executable, *sys.argv])


@attrs.define(eq=False)
class Host:
    """One host.

    Attributes:
        name: Its name.
        pid: A process in its namespaces; 0 without namespaces.
        link: Its network device at the centre.
        pids: Returns the processes of the cluster on it.
    """

    name: str
    pid: int = 0
    link: str = ""
    running: set[int] = attrs.field(factory=set)

    def command(self, *command: str) -> list[str]:
        """Return the command that runs another one on this host."""
        return [*(("nsenter", f"-t{self.pid}", "-n", "-u") if self.pid else ()), *command]

    def cut_off(self) -> None:
        """Cut its network; without namespaces its processes stand still instead."""
        if self.pid:
            _run("ip", "link", "set", self.link, "down")
        else:
            self._signal(signal.SIGSTOP)

    def connect(self) -> None:
        """End the cut."""
        if self.pid:
            _run("ip", "link", "set", self.link, "up")
        else:
            self._signal(signal.SIGCONT)

    @contextmanager
    def without(self, port: int) -> Iterator[None]:
        """Drop what it sends to one port of the centre, such as that of the database."""
        if not self.pid:
            yield
            return
        rule = ["INPUT", "-i", self.link, "-p", "tcp", "--dport", f"{port}", "-j", "DROP"]
        _run("iptables", "-w", "-A", *rule)
        try:
            yield
        finally:
            _run("iptables", "-w", "-D", *rule)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.running:
            os.kill(pid, number)


@attrs.frozen
class Network:
    """The hosts, and the address at which they reach origin and database."""

    address: str
    hosts: tuple[Host, ...]

    @property
    def is_real(self) -> bool:
        """Whether each host has a network of its own."""
        return bool(self.hosts[0].pid)


@contextmanager
def open_network(count: int) -> Iterator[Network]:
    """Make hosts."""
    names = [f"host-{number}" for number in range(1, count + 1)]
    if _INSIDE not in os.environ:
        yield Network("127.0.0.1", tuple(map(Host, names)))
        return
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", f"{_CENTRE}/32", "dev", "lo")
    holders = []
    try:
        hosts = []
        for number, name in enumerate(names, 1):
            holder = subprocess.Popen(
                ["unshare", "--net", "--uts", "sh", "-c", f"hostname {name}; exec sleep 86400"]
            )
            holders.append(holder)
            hosts.append(_connected(Host(name, holder.pid, f"v{number}"), number))
        yield Network(_CENTRE, tuple(hosts))
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()


def _connected(host: Host, number: int) -> Host:
    own = os.readlink("/proc/self/ns/net")
    while os.readlink(f"/proc/{host.pid}/ns/net") == own:
        time.sleep(0.01)
    _run(
        "ip",
        "link",
        "add",
        host.link,
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        f"{host.pid}",
    )
    _run("ip", "address", "add", f"10.77.{number}.1/24", "dev", host.link)
    _run("ip", "link", "set", host.link, "up")
    for line in (
        "link set lo up",
        f"address add 10.77.{number}.2/24 dev eth0",
        "link set eth0 up",
        f"route add default via 10.77.{number}.1",
    ):
        _run(*host.command("ip", *line.split()))
    return host


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def find_aniworld() -> str:
    return str(Path(sys.executable).with_name("aniworld"))
