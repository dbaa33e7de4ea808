"""What was recorded about one school, with the moments at which each was known: for explaining an answer (R0.4)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.category import Outcome
from services.membership.domain.report_card import ReportCard
from shared.store import UnitOfWork


@dataclass(frozen=True)
class _History:
    """A table with a history, and what is said of one of its rows."""

    kind: str
    table: str
    says: str
    columns: str
    where: str
    fact_id: str  # the column by which one of them is named
    place: str = "null"  # the column of the body or trust to which it belongs


_OF_THE_SCHOOL = (
    _History("membership", "membership", "b.name || case when lead then ' (lead body)' else '' end",
             "body_id, lead, during", "urn = $1", "body_id"),
    _History("headship", "headship", "p.name", "person_id, during", "urn = $1", "person_id"),
    _History("allocation", "allocation", "p.name", "allocation_id, person_id, during", "urn = $1", "allocation_id"),
    _History("trust", "school_in_trust", "coalesce(trust_name, trust_id)", "trust_id, trust_name, during", "urn = $1",
             "trust_id"),
    _History("override", "routing_override", "coalesce(p.name, 'the duty desk') || ', ' || matter || ': ' || reason",
             "override_id, person_id, matter, reason, during", "urn = $1", "override_id"),
)  # fmt: skip
_OF_ITS_BODIES = _History(
    "office",
    "term",
    "post || ': ' || p.name || ', ' || b.name",
    "term_id, post, person_id, body_id, during",
    "body_id = any($1::uuid[])",
    "term_id",
    "body_id",
)
_OF_ITS_TRUSTS = _History(
    "trust contact",
    "trust_contact",
    "post || ': ' || p.name",
    "trust_id, post, person_id, during",
    "trust_id = any($1::text[])",
    "person_id",
    "trust_id",
)


async def recorded_about(
    uow: UnitOfWork, urn: str, body_ids: Sequence[UUID], trust_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Every fact about a school, its bodies' officers and its trusts' contacts: what, from when until when, known when."""
    found = [each for history in _OF_THE_SCHOOL for each in await _every(uow, history, urn)]
    found += await _every(uow, _OF_ITS_BODIES, list(body_ids))
    return found + await _every(uow, _OF_ITS_TRUSTS, list(trust_ids))


async def _every(uow: UnitOfWork, of: _History, argument: object) -> list[dict[str, Any]]:
    """Present and replaced rows."""
    people = "left join person p using (person_id)" if "person_id" in of.columns else ""
    bodies = "left join body b using (body_id)" if "body_id" in of.columns else ""
    rows = await uow.rows(
        f"select {of.says} as what, {of.fact_id}::text as fact_id, {of.place}::text as place, "
        "nullif(lower(during), '-infinity') as from_date, upper(during) as until, "
        "every.recorded_at, every.replaced_at from "
        f"(select {of.columns}, recorded_at, null::timestamptz as replaced_at from {of.table} where {of.where} union all "
        f"select {of.columns}, recorded_at, replaced_at from {of.table}_past where {of.where}) as every "
        f"{people} {bodies} order by lower(during), every.recorded_at, every.replaced_at",
        argument,
    )
    return [{"kind": of.kind, **dict(row._mapping)} for row in rows]


@dataclass(frozen=True)
class Version:
    """What one source said of an inspection, whether it is still believed or not."""

    outcome: Outcome
    number: int
    source: str


async def outcomes_recorded(uow: UnitOfWork, urns: Sequence[str]) -> list[Version]:
    """Every version of every outcome of these schools, corrections too; the later believed one after the other."""
    rows = await uow.rows(
        "select urn, inspection_number, kind, inspection_started_on, published_on, recorded_at, headline, "
        "category_of_concern, quality_of_education, leadership, safeguarding_effective, report_card::text as report_card, "
        "source_as_at, version, source from outcome where urn = any($1::text[]) "
        "order by published_on, inspection_number, kind, source_as_at, version",
        list(urns),
    )
    return [_version(dict(row._mapping)) for row in rows]


def _version(known: dict[str, Any]) -> Version:
    number, source, card = known.pop("version"), known.pop("source"), known.pop("report_card")
    return Version(Outcome(**known, report_card=ReportCard.of(json.loads(card)) if card else None), number, source)


async def outcomes_decided(uow: UnitOfWork, urns: Sequence[str]) -> list[dict[str, Any]]:
    """Every withdrawal of an outcome of these schools, and everything else that officers decided of one.

    ``authority``: whose officers, since the inspection was one of a school of theirs when they decided. ``changes``: whether it
    counted before and does no longer, or the other way round.
    """
    rows = await uow.rows(
        "select inspection_number, kind, withdrawn, decided_on, reason, decided_by, recorded_at, "
        "withdrawn <> lag(withdrawn, 1, false) over (partition by inspection_number, kind order by decision_id) as changes, "
        "(select s.authority from outcome o left join school s using (urn) "
        "where (o.inspection_number, o.kind) = (d.inspection_number, d.kind) and o.recorded_at <= d.recorded_at "
        "order by o.source_as_at desc, o.version desc limit 1) as authority from outcome_decision d "
        "where exists (select from outcome o where (o.inspection_number, o.kind) = (d.inspection_number, d.kind) "
        "and o.urn = any($1::text[])) order by decision_id",
        list(urns),
    )
    return [dict(row._mapping) for row in rows]


async def entries_recorded(uow: UnitOfWork, urn: str, known: date) -> list[dict[str, Any]]:
    """The authority's own entries with their reasons, when they are lifted, whether they were withdrawn (restricted).

    All as it was known at the end of a day.
    """
    by_then = "(recorded_at at time zone 'Europe/London')::date <= $2::date"
    rows = await uow.rows(
        f"""
        select e.entry_id, e.category, e.from_date, e.review_on, e.reason, e.set_by, e.recorded_at,
               (select lifted_on from la_lift l where l.entry_id = e.entry_id and {by_then} order by lift_id desc limit 1)
                   as lifted_on,
               (select w.reason from la_withdrawal w where w.entry_id = e.entry_id and {by_then}) as withdrawn_because
        from la_entry e where e.urn = $1 and {by_then}
        order by e.from_date, e.recorded_at
        """,
        urn,
        known,
    )
    return [dict(row._mapping) for row in rows]


async def continuities_recorded(uow: UnitOfWork, urns: Sequence[str]) -> list[dict[str, Any]]:
    """Which schools these continue, as it was known and as it is."""
    columns = "urn, predecessor_urn, kind, from_date, source, recorded_at"
    rows = await uow.rows(
        f"select c.*, s.name as predecessor from (select {columns}, null::timestamptz as replaced_at from continuity "
        f"where urn = any($1::text[]) union all select {columns}, replaced_at from continuity_past "
        "where urn = any($1::text[])) c left join school s on s.urn = c.predecessor_urn "
        "order by c.recorded_at, c.urn, c.predecessor_urn, c.replaced_at",
        list(urns),
    )
    return [dict(row._mapping) for row in rows]
