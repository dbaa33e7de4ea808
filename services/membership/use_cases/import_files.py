"""Importing a register's file in two passes: every line is checked before anything is written, then chunks are applied.

A chunk is one transaction that also notes how far the import has got, so an import that was cut off goes on where it
stopped, and a file that was imported before changes and tells nothing.
"""

import asyncio
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.category import Continuity, Outcome
from services.membership.domain.school import School, Status
from services.membership.registers.file import LAYOUTS, Line, Problem, SentFile, UnknownKind
from services.membership.registers.reading import as_date
from services.membership.store import imports
from services.membership.store.due import waits_for_confirmation
from services.membership.store.imports import Import
from services.membership.store.schools import Listed
from services.membership.use_cases.hold import LONGEST_JUMP
from services.membership.use_cases.keep_links import close_continued_schools, keep_links
from services.membership.use_cases.keep_register import TrustLine, keep_schools, keep_trusts
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from shared.messaging.cause import Cause, new_id
from shared.store import Store, UnitOfWork

STAGED_AT_ONCE = 2000  # lines
APPLIED_AT_ONCE = 500
PROBLEMS_SHOWN = 100

arrived = asyncio.Event()  # set when a file waits to be applied, so that nobody has to wait for the next look


@dataclass(frozen=True)
class Received:
    import_id: UUID
    kind: str
    name: str
    state: str
    as_at: date
    lines: int
    problems: list[Problem]


def date_in(name: str) -> date | None:
    """The day that a file's name carries, as the publishers write it: edubasealldata20240617.csv."""
    found = re.search(r"(20\d{2})-?(\d{2})-?(\d{2})", name)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


async def receive(
    store: Store, cause: Cause, file: SentFile, *, kind: str, name: str, as_at: date | None, requested_by: str
) -> Received:
    """The first pass: read and check every line. The file is refused whole if one of them can't be taken."""
    if kind not in LAYOUTS:
        raise UnknownKind(kind)
    import_id = new_id()

    async def begin(uow: UnitOfWork) -> date:
        day = as_at or date_in(name) or uow.today
        await imports.begin(
            uow, import_id, kind=kind, name=name, sha256=file.sha256, as_at=day, requested_by=requested_by
        )
        return day

    day = await store.run(begin, cause=cause)
    reading = file.read(LAYOUTS[kind])
    problems: list[Problem] = []
    lines = 0
    try:
        while batch := await asyncio.to_thread(lambda: list(itertools.islice(reading, STAGED_AT_ONCE))):
            problems += [each for each in batch if isinstance(each, Problem)]
            good = [each for each in batch if isinstance(each, Line)]
            lines += len(good)
            if not problems and good:
                await store.run(lambda uow, good=good: imports.stage(uow, import_id, good))  # type: ignore[misc]
    except Exception:
        await store.run(lambda uow: imports.refuse(uow, import_id, []))
        raise
    if problems:
        await store.run(lambda uow: imports.refuse(uow, import_id, problems[:PROBLEMS_SHOWN]))
        return Received(import_id, kind, name, "refused", day, lines, problems[:PROBLEMS_SHOWN])
    await store.run(lambda uow: imports.accept(uow, import_id, lines))
    arrived.set()
    return Received(import_id, kind, name, "applying", day, lines, [])


async def apply_next_chunk(uow: UnitOfWork) -> bool:
    """The second pass, one chunk: whether there was anything to do. Waits like every command for a clock in doubt."""
    if await waits_for_confirmation(uow, LONGEST_JUMP):
        return False
    found = await imports.next_to_apply(uow)
    if found is None:
        return False
    numbered = await imports.next_lines(uow, found, APPLIED_AT_ONCE)
    if not numbered:
        closed = await close_continued_schools(uow, found.as_at) if found.kind == "ofsted" else 0
        await imports.finish(uow, found, changed=closed)
        return True
    changed, kept_back = await _APPLY[found.kind](uow, found, [row for _, row in numbered])
    await imports.advance(uow, found, numbered[-1][0], changed=changed, kept_back=kept_back)
    return True


async def _gias(uow: UnitOfWork, found: Import, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    lines = [_listed(row, Status(row["status"]), found) for row in rows]
    return await keep_schools(uow, lines, batch_id=found.import_id), 0


async def _ofsted(uow: UnitOfWork, found: Import, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Schools that the register lacks, trusts as of a later day, and outcomes published by now."""
    lines = [_listed({**row, "closed_on": None}, Status.OPEN, found) for row in rows]
    changed = await keep_schools(uow, lines, batch_id=found.import_id, fill=True)
    listed = [
        Published(row["urn"], _outcome(outcome, uow), row["report_link"]) for row in rows for outcome in row["outcomes"]
    ]
    published = [each for each in listed if each.outcome.published_on <= uow.today]
    recorded = await record_outcomes(
        uow,
        published,
        take_on=False,
        source=found.name or "Ofsted management information",
        as_at=found.as_at,
        batch_id=found.import_id,
        by_file=True,
    )
    return changed + sum(each.new for each in recorded), len(listed) - len(published)


async def _group_links(uow: UnitOfWork, found: Import, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    lines = [TrustLine(row["urn"], row["trust_id"], row["trust_name"], found.as_at) for row in rows]
    return await keep_trusts(uow, lines, batch_id=found.import_id), 0


async def _school_links(uow: UnitOfWork, found: Import, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    links = [Continuity(row["urn"], row["predecessor_urn"], row["merged"]) for row in rows]
    return await keep_links(uow, links, found.name or "GIAS links"), 0


_APPLY = {"gias": _gias, "ofsted": _ofsted, "group-links": _group_links, "school-links": _school_links}


def _listed(row: dict[str, Any], status: Status, found: Import) -> Listed:
    school = School(
        urn=row["urn"],
        authority=row["authority"],
        name=row["name"],
        phase=row["phase"],
        type_code=row["type_code"],
        status=status,
        opened_on=as_date(row["opened_on"]),
        closed_on=as_date(row["closed_on"]),
        postcode_district=row["postcode_district"],
        region=row["region"],
        trust_id=row["trust_id"],
        trust_name=row["trust_name"],
    )
    trust_as_at = found.as_at if row["trust_id"] else None
    return Listed(school, found.name or found.kind, found.as_at, trust_as_at, False)


def _outcome(row: dict[str, Any], uow: UnitOfWork) -> Outcome:
    started, published = as_date(row["inspection_started_on"]), as_date(row["published_on"])
    assert started is not None
    assert published is not None
    return replace(
        Outcome(row["urn"], row["inspection_number"], row["kind"], started, published, uow.now),
        headline=row.get("headline"),
        category_of_concern=row.get("category_of_concern"),
        quality_of_education=row.get("quality_of_education"),
        leadership=row.get("leadership"),
        safeguarding_effective=row.get("safeguarding_effective"),
    )
