"""Become the program that a file describes: its command, environment, folder, user and dying signal.

The supervisor starts this file by its path. Reading a description avoids its quoting rules, and the passwords in an
environment stand in a 0600 file rather than on a command line. Run as a script, so it imports nothing of ours.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1


_SYSTEM = ctypes.CDLL(None)  # loaded before any fork: a child between fork and exec should load nothing


def die_with_parent(with_signal: int) -> None:
    """Linux only; elsewhere a survivor is found and ended by the next `up`.

    To be called after the account was changed, which forgets it, and from a child of the main thread: the parent's end
    is that of the thread that forked.
    """
    if sys.platform == "linux":
        _SYSTEM.prctl(PR_SET_PDEATHSIG, int(with_signal))


ROOM = 64 * 2**20  # bytes


def wait_for_room(folder: str) -> None:
    """A broker that is started while its disk is full takes its own log for corrupt, and begins it anew: all is gone."""
    while (found := os.statvfs(folder)).f_bavail * found.f_frsize < ROOM:
        time.sleep(1)


def main() -> None:
    parent = os.getppid()
    wanted = json.loads(Path(sys.argv[1]).read_text())
    os.chdir(wanted["folder"])
    if wanted["user"] is not None:
        os.setgroups([])
        os.setgid(wanted["group"])
        os.setuid(wanted["user"])
    die_with_parent(signal.Signals[wanted["stop_signal"]])
    if os.getppid() != parent:
        sys.exit("the supervisor has gone")
    if wanted.get("disk"):
        wait_for_room(wanted["disk"])
    os.execve(wanted["command"][0], wanted["command"], wanted["environment"])


if __name__ == "__main__":
    main()
