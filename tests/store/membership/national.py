"""The files of whole England, or a seeded slice of them, and what a database holds after they went in."""

import csv
import functools
import gzip
import io
import random
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from services.membership.use_cases.failed_imports import apply_files
from services.membership.use_cases.pace import Pace
from shared.failures import ran_out_of_time
from shared.store import Store
from tests.store.membership.long_layouts import MADE_OF, NAMES, made

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = {
    "gias": "gias_20240617_minimal_national.csv.gz",
    "groups": "gias_groups_20220718_trusts_national.csv.gz",
    "group-links": "gias_grouplinks_20220718_trusts_national.csv.gz",
    "school-links": "gias_links_20250422_national.csv.gz",
    "ofsted": "ofsted_mi_20250831_national.csv.gz",
}

# What files decide, without the ids and the moments that differ from run to run.
STATE = {
    "school": "urn, authority, name, phase, type_code, status, opened_on, closed_on, region, trust_id, trust_name, "
    "source, source_as_at, trust_as_at, announced_open",
    "listing": "urn, source, part, as_at, version, says::text, name",
    "trust": "trust_id, name, open, opened_on, closed_on, listed_on",
    "continuity": "urn, predecessor_urn, merged",
    "outcome": "urn, inspection_number, kind, version, published_on, headline, category_of_concern, source_as_at",
    "representation": "urn, settled_on, next_due, category, because, because_ref, public_category, public_role",
    "speaker": "urn, matter, during::text, role, rule, trust_id, category",
}


FILES_AND_MADE = (*FILES, *NAMES)


def kind_and_name(key: str) -> tuple[str, str]:
    """The kind of file, and the name by which it is sent, with its day."""
    return (MADE_OF[key], NAMES[key]) if key in NAMES else (key, FILES[key].removesuffix(".gz"))


def content(key: str) -> bytes:
    if key in NAMES:
        return _made(key, content(MADE_OF[key]))
    return gzip.decompress((DATA / FILES[key]).read_bytes())


def _made(key: str, of: bytes) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(made(key, io.StringIO(of.decode(), newline="")))
    return out.getvalue().encode()


def sliced(key: str, rows: int, seed: int = 4) -> bytes:
    """So many lines of the file, drawn by a seed, in the order of the file; none of its blank lines."""
    if key in NAMES:
        return _made(key, sliced(MADE_OF[key], rows, seed))
    reader = csv.reader(io.StringIO(content(key).decode(), newline=""))
    header, *lines = reader
    lines = [line for line in lines if any(line)]
    drawn = sorted(random.Random(seed).sample(range(len(lines)), min(rows, len(lines))))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([header, *(lines[place] for place in drawn)])
    return out.getvalue().encode()


def of_some_schools(key: str, share: float) -> bytes:
    """All lines about a share of the schools, and the trusts that any of these belongs to: as a smaller England would be.

    Schools that are linked are drawn together, or hardly any would be drawn with the one that it carries on.
    """
    if key in NAMES:
        return _made(key, of_some_schools(MADE_OF[key], share))
    reader = csv.DictReader(io.StringIO(content(key).decode(), newline=""))
    assert reader.fieldnames is not None
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, reader.fieldnames, lineterminator="\n")
    writer.writeheader()
    if key == "groups":
        links = csv.DictReader(io.StringIO(of_some_schools("group-links", share).decode(), newline=""))
        trusts = {line["Group UID"] for line in links}
        writer.writerows(line for line in reader if line["Group UID"] in trusts)
    else:
        urn = "urn" if key == "gias" else "URN"
        writer.writerows(line for line in reader if line[urn] and _drawn(line[urn], share))
    return out.getvalue().encode()


def _drawn(urn: str, share: float) -> bool:
    return zlib.crc32(_families().get(urn, urn).encode()) % 1000 < share * 1000


@functools.cache
def _families() -> dict[str, str]:
    """Of each school with a link the one that stands for all with which it is linked, however many links away."""
    found: dict[str, str] = {}

    def first(urn: str) -> str:
        while (other := found.setdefault(urn, urn)) != urn:
            urn = other
        return urn

    for line in csv.DictReader(io.StringIO(content("school-links").decode(), newline="")):
        one, other = sorted((first(line["URN"]), first(line["LinkURN"])))
        found[other] = one
    return {urn: first(urn) for urn in found}


async def applied(store: Store) -> AsyncIterator[None]:
    """The files that were taken in, chunk by chunk as the service applies them, on a busy machine too."""
    pace = Pace()
    while await _left(store, "applying"):
        try:
            await apply_files(store, pace)
        except Exception as problem:  # the service's worker begins again
            if not ran_out_of_time(problem):
                raise
        yield
    assert not await _left(store, "failed"), "a file could not be applied: see the log"


async def _left(store: Store, state: str) -> bool:
    async with store.unit() as uow:
        return bool(await uow.value("select exists (select from import where state = $1)", state))


async def state(store: Store) -> dict[str, list[Any]]:
    """Everything that follows from the files, and what was told of it, by table."""
    async with store.unit() as uow:
        found: dict[str, list[Any]] = {}
        for table, columns in STATE.items():
            found[table] = [tuple(row) for row in await uow.rows(f"select {columns} from {table} order by {columns}")]
        told = await uow.rows("select key, encode(value, 'escape') as value from outbox order by key, id")
        found["told"] = [tuple(row) for row in told]
    return found
