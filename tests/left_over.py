"""Folders that test runs left behind, since somebody killed them: cleared by the next run, unless they are still of use."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

NAMES = tuple(f"consortia {suite} " for suite in ("test", "journeys", "faults", "up"))
STALE_AFTER = 3600.0  # seconds without a process and without a change
KEPT = "kept"  # a file of this name says that somebody wants to look at it
MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30


def where_copies_are_cheap() -> Path:
    """In memory, where there is room: copying a database of two thousand files there costs a tenth of the processor."""
    try:
        about = os.statvfs(MEMORY)
    except OSError:
        return Path(tempfile.gettempdir())
    roomy = about.f_bavail * about.f_frsize > ROOM and not about.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK)
    return MEMORY if roomy else Path(tempfile.gettempdir())


def clear(*parents: Path) -> list[Path]:
    """Delete the folders that nobody uses; which."""
    places = parents or [each for each in (Path(tempfile.gettempdir()), MEMORY) if each.is_dir()]
    found = [each for place in places for each in _stale(place) if not (each / KEPT).exists()]
    if found:
        in_use = _in_use()
        found = [each for each in found if not any(str(each) in line for line in in_use)]
    for each in found:
        shutil.rmtree(each, ignore_errors=True)
    return found


def _stale(parent: Path) -> Iterator[Path]:
    before = time.time() - STALE_AFTER
    for folder in parent.iterdir():
        if folder.name.startswith(NAMES) and folder.is_dir() and not folder.is_symlink():
            try:
                touched = max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
            except OSError:
                continue  # another run clears it at this moment
            if touched < before:
                yield folder


def _in_use() -> list[str]:
    """What the command line and the working folder of every process say."""
    told = []
    for process in psutil.process_iter():
        try:
            told.append(f"{' '.join(process.cmdline())} {process.cwd()}")
        except psutil.Error:
            continue
    return told
