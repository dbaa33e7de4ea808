"""Fetching the Java archives named in a lock file, each checked against its hash every time it is used.

A lock line is `group:artifact:version[:classifier] sha256 size`; `python -m infra.local.lock` writes it. jgo knows the
layout and address of the repository, so no host is named here.
"""

import hashlib
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from infra.local.trouble import Trouble

KAFKA_LOCK = Path(__file__).with_name("jars.lock")
ZIPKIN_LOCK = Path(__file__).with_name("zipkin.lock")


@dataclass(frozen=True)
class Jar:
    """One line of a lock file."""

    coordinate: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        _, artifact, version, *classifier = self.coordinate.split(":")
        return "-".join([artifact, version, *classifier]) + ".jar"


def read_lock(lock: Path) -> list[Jar]:
    lines = [line.split() for line in lock.read_text().splitlines() if line.strip()]
    return [Jar(coordinate, sha256, int(size)) for coordinate, sha256, size in lines]


def cache_folder() -> Path:
    """Where jars are kept between runs: shared by all stacks of one user."""
    if chosen := os.environ.get("CONSORTIA_CACHE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/consortia")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "consortia"


def is_whole(path: Path, jar: Jar) -> bool:
    """The hash is taken each time: 45 MB cost less than 0.1 s, and a flipped bit never reaches the Java runtime."""
    if not path.exists() or path.stat().st_size != jar.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


def missing(lock: Path, folder: Path | None = None) -> list[Jar]:
    """The jars of a lock that are absent from the folder or corrupt in it."""
    folder = folder or cache_folder() / "jars"
    return [jar for jar in read_lock(lock) if not is_whole(folder / jar.filename, jar)]


def fetch(lock: Path, folder: Path | None = None) -> list[Path]:
    """Every jar of the lock, whole, as paths; those absent or corrupt are fetched, eight at a time."""
    folder = folder or cache_folder() / "jars"
    wanted = missing(lock, folder)
    if wanted:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(
                f"The folder for Java archives, {folder}, cannot be made: {error.strerror}",
                "Set CONSORTIA_CACHE to a folder that you may write.",
            ) from error
        with _progress(sum(jar.size for jar in wanted)) as advance, ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda jar: _fetch_one(jar, folder, advance), wanted))
    return [folder / jar.filename for jar in read_lock(lock)]


def _fetch_one(jar: Jar, folder: Path, advance: Callable[[int], None]) -> None:
    from jgo.maven import MavenContext

    group, artifact, version, *classifier = jar.coordinate.split(":")
    context = MavenContext(repo_cache=folder)
    located = context.project(group, artifact).at_version(version).artifact(*classifier)
    place = f"{located.component.path_prefix.as_posix()}/{jar.filename}"
    reasons: list[str] = []
    for base in context.remote_repos.values():
        try:
            digest, temporary = _download(f"{base}/{place}", folder, advance)
        except (requests.RequestException, OSError) as error:
            reasons.append(str(error))
            continue
        if digest != jar.sha256:
            temporary.unlink()
            raise Trouble(
                f"The download of {jar.coordinate} is not what {KAFKA_LOCK.name} names: its sha256 differs",
                "Nothing was installed. Try another network; if it happens again, do not trust the source.",
            )
        temporary.chmod(0o644)  # a temporary file is 0600, which another user could not read
        temporary.replace(folder / jar.filename)
        return
    raise Trouble(
        f"{jar.coordinate} could not be fetched ({'; '.join(reasons)})",
        f"Check the network and the space in {folder}, then run the same command again: what is there already is kept.",
    )


def _download(address: str, folder: Path, advance: Callable[[int], None]) -> tuple[str, Path]:
    """Under a temporary name, so that a killed download never stands where a whole jar should."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".part-")
    digest = hashlib.sha256()
    try:
        with os.fdopen(descriptor, "wb") as file, _get(address) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_content(1 << 18):
                file.write(chunk)
                digest.update(chunk)
                advance(len(chunk))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), Path(name)


def _get(address: str) -> requests.Response:
    """By the authorities that came with the environment; by this machine's own where a network puts itself between."""
    try:
        return requests.get(address, stream=True, timeout=60)
    except requests.exceptions.SSLError:
        paths = ssl.get_default_verify_paths()
        own = paths.cafile or paths.capath
        if not own:
            raise
        return requests.get(address, stream=True, timeout=60, verify=own)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("Java archives"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("jars", total=total)
        yield lambda size: progress.advance(task, size)
