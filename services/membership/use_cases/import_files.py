"""Applying the files that were taken in: the second pass, chunk by chunk.

A chunk is one transaction that also notes how far the import has got, so an import that was cut off goes on where it
stopped, and a file that was imported before changes and tells nothing. A dry run undoes each chunk after counting it.
Around what could not be applied the chunks get smaller, so that all before it is applied and the line is known; what only
took too long is applied in smaller ones too (pace.py). Lines that meet a school that stands still are set aside
(docs/decisions/0022).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.membership.domain.category import Outcome
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.import_report import (
    CATEGORIES_CHANGED,
    HISTORIES_CORRECTED,
    SPEAKERS_CHANGED,
    of_authority,
    of_school,
    with_first,
)
from services.membership.domain.links import Link
from services.membership.domain.listing import Listing, Source, TrustListing
from services.membership.domain.report_card import ReportCard, graded_again
from services.membership.domain.school import Status
from services.membership.domain.set_aside import AFTER_ALL, Row, SetAside, part, schools_in, things_in
from services.membership.registers.gias import GIAS_MINIMAL
from services.membership.registers.lines import Problem
from services.membership.registers.reading import as_date
from services.membership.store import imports, set_aside
from services.membership.store.due import waits_for_confirmation
from services.membership.store.imports import Import
from services.membership.store.schools import schools
from services.membership.use_cases.keep_links import close_continued_schools, keep_links, put_kinds_right
from services.membership.use_cases.keep_register import Kept, keep_schools, keep_trusts
from services.membership.use_cases.pace import MOST_AT_ONCE
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from shared.contracts.membership import CategoryInForceChanged, HistoryCorrected, RepresentationReassigned
from shared.contracts.registry import type_of
from shared.messaging.outbox import Unsent
from shared.store import UnitOfWork

APPLIED_AT_ONCE = (MOST_AT_ONCE, 50, 5, 1)  # lines, at the first try and at each further one
NUMBER = "Inspection number"  # the column of the inspectorate's files

# What a file did, or would do, by the words of its report.
TOLD = {
    type_of(CategoryInForceChanged).name: CATEGORIES_CHANGED,
    type_of(RepresentationReassigned).name: SPEAKERS_CHANGED,
    type_of(HistoryCorrected).name: HISTORIES_CORRECTED,
}
CHANGES = ("schools_new", "schools_changed", "schools_closed", "outcomes_new", "outcomes_corrected", "trusts", "links")


@dataclass
class Attempt:
    """One chunk of the file whose turn it is; which, and up to which line, is known even if its transaction fails."""

    still: frozenset[str] = frozenset()  # schools that were found to stand still: lines of theirs are set aside
    at_most: int = MOST_AT_ONCE  # lines
    found: Import | None = None
    lines: int = 0  # how many of them there were
    to_line: int | None = None  # None: what is done after the last line

    async def __call__(self, uow: UnitOfWork) -> bool:
        """Whether there was anything to do. Waits like every command for a clock in doubt."""
        if await waits_for_confirmation(uow, LONGEST_JUMP):
            return False
        self.found = found = await imports.next_to_apply(uow)
        if found is None:
            return False
        numbered = await imports.next_lines(uow, found, min(self.at_most, APPLIED_AT_ONCE[found.tries]))
        self.lines = len(numbered)
        self.to_line = numbered[-1][0] if numbered else None
        rows, aside = await self._part(uow, found, numbered)
        async with uow.rehearsal() if found.dry_run else nullcontext():
            done = await (apply_lines(uow, found, rows) if numbered else end(uow, found, but_for=self.still))
        warnings = [of_its_line(each, numbered) for each in found.warnings]
        if not found.dry_run:
            await set_aside.set_aside(uow, aside)
        done["lines_set_aside"] += sum(each.line != AFTER_ALL for each in aside)
        report = with_first(found.report, done) if found.dry_run else found.report + done
        if self.to_line is not None:
            await imports.advance(uow, found, self.to_line, report=report, changed=changed(done), warnings=warnings)
        else:
            await imports.finish(uow, found, report=report, changed=changed(done))
        return True

    async def _part(
        self, uow: UnitOfWork, found: Import, numbered: Sequence[tuple[int, Row]]
    ) -> tuple[list[Row], list[SetAside]]:
        """What is applied now, and what is set aside: asked only where any school stands still or any line waits."""
        if self.still and (not numbered or len(numbered) == APPLIED_AT_ONCE[-1]):
            line, row = numbered[0] if numbered else (AFTER_ALL, None)
            says = things_in(found.kind, row) if row is not None else frozenset()
            return [], [SetAside(found.import_id, line, says, self.still)]
        before = await set_aside.waiting(uow) if found.lines_wait else []
        return part(found.import_id, found.kind, numbered, self.still, before)


def of_its_line(warning: Problem, numbered: Sequence[tuple[int, Row]]) -> Problem:
    """The line that lists the inspection of that number, and of which authority its school is."""
    line, row = next(
        (line, row)
        for line, row in numbered
        if any(each["inspection_number"] == warning.value for each in row["outcomes"])
    )
    return replace(warning, line=line, authority=row["authority"])


async def apply_next_chunk(uow: UnitOfWork) -> bool:
    return await Attempt()(uow)


async def apply_lines(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    """What these lines did, by the words of the report."""
    before = await schools(uow, {urn for row in rows for urn in schools_in(row)})
    were = {urn: here.authority for urn, here in before.items()}
    done = await _APPLY[found.kind](uow, found, rows) if rows else Counter[str]()
    return done + _told(uow.unsent, were, named=found.dry_run)


async def end(uow: UnitOfWork, found: Import, *, but_for: Collection[str] = ()) -> Counter[str]:
    """What follows from the file as a whole, once its lines are applied."""
    if found.kind not in _LISTS_SCHOOLS:
        return Counter()
    links = await put_kinds_right(uow, found.import_id, but_for) if found.kind == "school-links" else 0
    closed = await close_continued_schools(uow, but_for)
    done = Counter(links=links, schools_closed=closed.changed)
    if found.dry_run:
        done += _named("schools_closed", closed.changed_ones)
    return done + _told(uow.unsent, named=found.dry_run)


def _told(told: Sequence[Unsent], before: Mapping[str, str] | None = None, *, named: bool = False) -> Counter[str]:
    """By the authority of which each school was ``before``: a file that is only tried may say any."""
    were, done = before or {}, Counter[str]()
    for each in told:
        if each.envelope.type in TOLD:
            urn, count = each.envelope.subject, TOLD[each.envelope.type]
            authority = were.get(urn) or each.key.partition("/")[0]
            done[of_authority(count, authority)] += 1
            if named:
                done[of_school(count, authority, urn)] += 1
    return done


def _named(count: str, schools: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(of_school(count, *each) for each in schools)


def changed(done: Counter[str]) -> int:
    return sum(done[each] for each in CHANGES)


def _schools(kept: Kept, found: Import) -> Counter[str]:
    done = Counter(schools_new=kept.new, schools_changed=kept.changed)
    if found.dry_run:
        done += _named("schools_new", kept.new_ones) + _named("schools_changed", kept.changed_ones)
    return done


async def _gias(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    source = Source.GIAS_MINIMAL if found.layout == GIAS_MINIMAL.name else Source.GIAS
    lines = [_listing(row, source, found) for row in rows]
    return _schools(await keep_schools(uow, lines, batch_id=found.import_id), found)


async def _ofsted(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    """Schools that the register lacks, trusts as of a later day, and outcomes published by now."""
    lines = [_listing({**row, "status": Status.OPEN}, Source.OFSTED, found) for row in rows]
    done = _schools(await keep_schools(uow, lines, batch_id=found.import_id), found)
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
    named = await schools(uow, {each.urn for each in recorded}) if found.dry_run else {}
    for each in recorded:
        if each.new:
            count = "outcomes_corrected" if each.corrects else "outcomes_new"
            done[count] += 1
            if each.urn in named:
                done[of_school(count, named[each.urn].authority, each.urn)] += 1
        for two in each.stands_beside:
            done["outcomes_under_two_numbers"] += 1
            found.warnings.append(Problem(0, NUMBER, two.listed, two.words, taken=True))
    for other in dict.fromkeys(each.listed_as for each in recorded if each.listed_as is not None):
        done["outcomes_of_another_kind"] += 1
        found.warnings.append(Problem(0, NUMBER, other.number, other.words, taken=True))
    for warning in _graded_again(rows, uow.today):
        done["outcomes_graded_again"] += 1
        found.warnings.append(warning)
    done["outcomes_of_a_later_day"] = len(listed) - len(published)
    return done


def _graded_again(rows: Sequence[Row], today: date) -> Iterator[Problem]:
    """Of each inspection with areas that a monitoring visit graded after it was published (docs/category-policy.md)."""
    for outcome in (each for row in rows for each in row["outcomes"]):
        again = {area: date.fromisoformat(day) for area, day in outcome.get("graded_again", {}).items()}
        if again and date.fromisoformat(outcome["published_on"]) <= today:
            number = outcome["inspection_number"]
            yield Problem(0, NUMBER, number, graded_again(number, again), taken=True)


async def _groups(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    lines = [
        TrustListing(
            trust_id=row["trust_id"],
            as_at=found.as_at,
            name=row["name"],
            open=row["open"],
            opened_on=as_date(row["opened_on"]),
            closed_on=as_date(row["closed_on"]),
            file=found.name or found.kind,
        )
        for row in rows
    ]
    return Counter(trusts=await keep_trusts(uow, lines, batch_id=found.import_id))


async def _group_links(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    lines = [
        Listing(
            urn=row["urn"],
            source=Source.GROUP_LINKS,
            as_at=found.as_at,
            file=found.name or found.kind,
            part=row["trust_id"],
            trust_id=row["trust_id"],
            trust_name=row["trust_name"],
            joined_on=as_date(row["joined_on"]),
        )
        for row in rows
    ]
    return _schools(await keep_schools(uow, lines, batch_id=found.import_id), found)


async def _school_links(uow: UnitOfWork, found: Import, rows: Sequence[Row]) -> Counter[str]:
    links = [
        Link(
            row["urn"],
            row["linked_urn"],
            row["link_type"],
            as_date(row["established_on"]),
            found.name or "GIAS links",
            found.as_at,
        )
        for row in rows
    ]
    return Counter(links=await keep_links(uow, links))


_APPLY = {
    "gias": _gias,
    "ofsted": _ofsted,
    "groups": _groups,
    "group-links": _group_links,
    "school-links": _school_links,
}
_LISTS_SCHOOLS = ("gias", "ofsted", "school-links")


def _listing(row: Row, source: Source, found: Import) -> Listing:
    return Listing(
        urn=row["urn"],
        source=source,
        as_at=found.as_at,
        file=found.name or found.kind,
        authority=row["authority"],
        name=row["name"],
        phase=row["phase"],
        type_code=row.get("type_code") or "",
        status=Status(row["status"]),
        closing=bool(row.get("closing")),
        opened_on=as_date(row.get("opened_on")),
        closed_on=as_date(row.get("closed_on")),
        postcode_district=row.get("postcode_district"),
        region=row.get("region") or "",
        trust_id=row.get("trust_id"),
        trust_name=row.get("trust_name"),
    )


def _outcome(row: dict[str, Any], uow: UnitOfWork) -> Outcome:
    started, published = as_date(row["inspection_started_on"]), as_date(row["published_on"])
    assert started is not None
    assert published is not None
    return Outcome(
        row["urn"],
        row["inspection_number"],
        row["kind"],
        started,
        published,
        uow.now,
        headline=row.get("headline"),
        category_of_concern=row.get("category_of_concern"),
        quality_of_education=row.get("quality_of_education"),
        leadership=row.get("leadership"),
        safeguarding_effective=row.get("safeguarding_effective"),
        report_card=ReportCard.of(row.get("report_card") or {}),
    )
