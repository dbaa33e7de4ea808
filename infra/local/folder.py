"""The folder in which one stack keeps everything: where it is, that it can be written, and who is using it now."""

import fcntl
import os
import shutil
from pathlib import Path

from infra.local.trouble import Trouble

NEEDED_MB = 700
# Everything that a stack keeps in its folder: `clean` removes this and nothing else.
CONTENTS = (
    "postgres",
    "postgres.made",
    "postgres-binaries",
    "postgres-binaries.part",
    "kafka",
    "run",
    "logs",
    "tmp",
    "secrets.json",
    "tokens.json",
    "token.key",
    "token.public",
    "up.lock",
)


def default_folder() -> Path:
    """The user's data folder; /var/lib/consortia for root; CONSORTIA_DATA over both."""
    if chosen := os.environ.get("CONSORTIA_DATA"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/consortia")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "consortia"


class StateFolder:
    """A folder, and the lock that one `up` holds on it for as long as it lives; the kernel lets go of a dead one's."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.was_there = self.path.exists()
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder, if it is not there, and hold it. Nothing is left behind when that is refused."""
        self._make()
        descriptor = os.open(self.path / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Trouble(
                f"{self.path} is in use by `up` (process {self.holder()})",
                "Stop it with `down`, or give another folder with --data and other ports with --port-base.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._lock = descriptor

    def close(self) -> None:
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def holder(self) -> int | None:
        """The process that holds the folder, or nothing when nobody does."""
        try:
            descriptor = os.open(self.path / "up.lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(descriptor, 20).decode()
            return int(text) if text.isdigit() else -1
        finally:
            os.close(descriptor)
        return None

    def _make(self) -> None:
        self.was_there = self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in ("run", "logs", "tmp"):
                (self.path / name).mkdir(exist_ok=True)
            (self.path / "run").chmod(0o700)
            if not self.was_there:
                self.path.chmod(0o755)  # PostgreSQL, as nobody when we are root, must reach its own folder in this one
        except OSError as error:
            raise Trouble(
                f"The folder {self.path} cannot be written: {error.strerror}",
                "Choose another with --data, or ask for the right to write there.",
            ) from error
        free = shutil.disk_usage(self.path).free // 1_000_000
        if free < NEEDED_MB:
            if not self.was_there:
                self.remove()
            raise Trouble(
                f"The disk of {self.path} is full: {free} MB are free, {NEEDED_MB} MB are needed",
                "Free some space, or choose a folder on another disk with --data.",
            )

    def remove(self) -> None:
        """Delete what a stack keeps, and the folder itself if nothing else is in it."""
        for name in CONTENTS:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()
