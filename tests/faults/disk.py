"""A disk of its own for one server, so that it can be filled without harm to anything else."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path


def cannot_mount() -> str | None:
    """Why this machine gives us no disk of our own."""
    if os.geteuid() != 0:
        return "filling a disk needs a disk of its own, and mounting one needs root"
    probe = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True)
    return None if probe.returncode == 0 else "this machine allows no mounts, so no disk can be filled"


class Disk:
    """A file system in a file."""

    def __init__(self, image: Path, at: Path, megabytes: int):
        self.image = image
        self.at = at
        self.megabytes = megabytes

    def mount(self) -> None:
        self.at.mkdir(parents=True, exist_ok=True)
        with self.image.open("wb") as file:
            file.truncate(self.megabytes * 2**20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-F", str(self.image)], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.at)], check=True, capture_output=True)
        self.at.chmod(0o755)

    def unmount(self) -> None:
        if os.path.ismount(self.at):
            subprocess.run(["umount", "--lazy", str(self.at)], check=False, capture_output=True)

    @property
    def _filler(self) -> Path:
        return self.at / "filler"

    def fill(self) -> None:
        """Until nothing more can be written, large pieces first."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (2**24, 2**20, 2**12):
                with suppress(OSError):
                    while True:
                        start = file.tell()
                        os.posix_fallocate(file.fileno(), start, size)
                        file.seek(start + size)

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)
