"""Who is left of a stack whose `up` or whose supervisor was killed, and how it is ended without losing anything."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from infra.local.supervision import MARK


def survivors(state: Path) -> list[psutil.Process]:
    """Every process that carries this stack's mark, and the PostgreSQL server of its folder."""
    found = {process.pid: process for process in psutil.process_iter() if _carries_mark(process, state)}
    if (server := _database_server(state)) is not None:
        found[server.pid] = server
    found.pop(os.getpid(), None)
    return list(found.values())


def end(state: Path) -> list[str]:
    """End them in order: the supervisor, or it would start them again; services and Kafka; PostgreSQL last."""
    left = survivors(state)
    names = [_name(process) for process in left]
    server = _database_server(state)
    supervisors = [process for process in left if _name(process) == "supervisor"]
    # Its SIGTERM is an orderly stop of everything; whoever it leaves behind is ended below.
    _end(supervisors, signal.SIGTERM, 60)
    children = {child.pid for child in server.children()} if _alive(server) and server else set()
    rest = [p for p in survivors(state) if (server is None or p.pid != server.pid) and p.pid not in children]
    _end(rest, signal.SIGTERM, 20)
    if server is not None and _alive(server):
        _end([server], signal.SIGINT, 30)
    return sorted(set(names))


def _end(processes: Iterable[psutil.Process], with_signal: int, seconds: float) -> None:
    chosen = list(processes)
    for process in chosen:
        _send(process, signal.SIGCONT)
        _send(process, with_signal)
    _, stubborn = psutil.wait_procs(chosen, timeout=seconds)
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=10)


def _send(process: psutil.Process, with_signal: int) -> None:
    try:
        process.send_signal(with_signal)
    except psutil.NoSuchProcess:
        return


def _alive(process: psutil.Process | None) -> bool:
    try:
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _carries_mark(process: psutil.Process, state: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(state) and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _database_server(state: Path) -> psutil.Process | None:
    """PostgreSQL overwrites its environment with its title, so it is known by its lock file and its folder."""
    try:
        process = psutil.Process(int((state / "postgres" / "postmaster.pid").read_text().split()[0]))
        ours = "postgres" in process.name() and Path(process.cwd()) == (state / "postgres").resolve()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if ours and _alive(process) else None


def _name(process: psutil.Process) -> str:
    """What the process is to a person."""
    try:
        line = " ".join(process.cmdline())
    except psutil.Error:
        return "process"
    for mark, name in (
        ("supervisord.py", "supervisor"),
        ("kafka.Kafka", "kafka"),
        ("zipkin", "zipkin"),
        ("mailbox_server", "mailbox"),
    ):
        if mark in line:
            return name
    if "services." in line:
        return line.split("services.", 1)[1].split()[0]
    return process.name()
