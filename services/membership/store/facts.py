"""Rows to facts: all that a standing is decided from, for many schools in a handful of statements."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row

from services.membership.domain.adopted import Adopted
from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import PROPOSE, CategoryPolicy, Continuity, Inherit, Outcome
from services.membership.domain.establishment import establishment_type
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.office import Term
from services.membership.domain.override import Override
from services.membership.domain.report_card import ReportCard
from services.membership.domain.representation import Circumstances
from services.membership.domain.routing_policy import RoutingPolicy, routing_policy
from services.membership.domain.school import School, Status
from services.membership.domain.standing import Facts
from services.membership.domain.trust import InTrust
from services.membership.store.proposals import kept_of, proposals_of
from services.membership.store.rows import as_each, as_one
from shared.clock import LONDON
from shared.store import UnitOfWork

_SCHOOL = (
    "urn, authority, name, phase, type_code, status, opened_on, closed_on, postcode_district, area, region, trust_id, "
    "trust_name, closures"
)
_MEMBERSHIP = "body_id, urn, during, lead"
_TERM = "term_id, office_id, body_id, post, person_id, during, route"
_ALLOCATION = "allocation_id, urn, person_id, during"
_HEADSHIP = "person_id, urn, during"
_OVERRIDE = "override_id, urn, matter, person_id, during, reason"
_CONTACT = "trust_id, post, person_id, during"
_TRUST = "urn, trust_id, trust_name, during"
_CONTINUITY = "urn, predecessor_urn, merged"
_CONTINUITY_AS_KNOWN = f"""
    (select {_CONTINUITY} from continuity where recorded_at < $2::timestamptz union all
     select {_CONTINUITY} from continuity_past where recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz)
"""
_POLICY = "authority, kind, during, name, version, inherit, settings"

# An inspection is what its latest source says of it; whichever came later of one day. It keeps its first place in the
# order in which outcomes were recorded. Whether it counts is for officers to say: no source undoes a withdrawal.
OUTCOMES = """
    select latest.urn, latest.inspection_number, latest.kind, inspection_started_on, published_on,
           first_recorded_at as recorded_at, headline, category_of_concern, quality_of_education, leadership,
           safeguarding_effective, report_card::text as report_card,
           coalesce((select d.withdrawn from outcome_decision d
                     where (d.inspection_number, d.kind) = (latest.inspection_number, latest.kind)
                       and d.recorded_at < $3::timestamptz
                     order by d.decision_id desc limit 1), false) as withdrawn, source_as_at
    from (select inspection_number, kind from outcome where urn = any($1::text[])
          union
          select inspection_number, kind from outcome where inspection_number = any($2::text[])) asked
    -- One by one through the index: joined to the whole table this would take the longer, the more there is in it.
    cross join lateral (
        select o.*, min(o.recorded_at) over () as first_recorded_at
        from outcome o
        where o.inspection_number = asked.inspection_number and o.kind = asked.kind and o.recorded_at < $3::timestamptz
        order by o.source_as_at desc, o.version desc
        limit 1) latest
    where latest.urn = any($1::text[]) or latest.inspection_number = any($2::text[])
"""

# Of several decisions on the lifting of an entry the latest counts. One that was withdrawn is lifted before it has a day.
ENTRIES = """
    select e.entry_id, e.urn, e.category, e.from_date, e.recorded_at,
           coalesce((select k.review_on from la_keep k where k.entry_id = e.entry_id and k.recorded_at < $2::timestamptz
                     order by k.keep_id desc limit 1), e.review_on) as review_on,
           case when exists (select from la_withdrawal w where w.entry_id = e.entry_id and w.recorded_at < $2::timestamptz)
                then e.from_date
                else (select l.lifted_on from la_lift l where l.entry_id = e.entry_id and l.recorded_at < $2::timestamptz
                      order by l.lift_id desc limit 1) end as lifted_on
    from la_entry e
    where (e.urn = any($1::text[]) or e.entry_id = any($3::uuid[])) and e.recorded_at < $2::timestamptz
"""


class _AsKnown:
    """Where rows are read: as they are now, or as they stood before a moment."""

    def __init__(self, uow: UnitOfWork, known: date | None):
        self._uow = uow
        self.before = _end_of(known) if known is not None else FAR

    @property
    def closing(self) -> str:
        """SQL for the day on which the body of a row closes, as it was known: a closing is corrected and withdrawn (R0.4)."""
        known = "body"
        if self.before is not FAR:
            known = (
                "(select body_id, closed_on from body where recorded_at < $2::timestamptz union all "
                "select body_id, closed_on from body_past "
                "where recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz)"
            )
        return f"(select b.closed_on from {known} b where b.body_id = {{this}}.body_id)"

    async def rows(self, table: str, columns: str, shown: str, where: str, ids: Sequence[object]) -> Sequence[Row[Any]]:
        """The rows of a table with a history, for a list of ids that ``where`` names as $1."""
        if not ids:
            return []
        if self.before is FAR:
            shown = shown.replace("{this}", table)
            return await self._uow.rows(f"select {shown} from {table} where {where}", ids)
        shown = shown.replace("{this}", "known")
        return await self._uow.rows(
            f"select {shown} from (select {columns}, recorded_at from {table} where {where} and recorded_at < $2::timestamptz "
            f"union all select {columns}, recorded_at from {table}_past "
            f"where {where} and recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz) as known",
            ids,
            self.before,
        )

    async def steps(self, urns: Sequence[str]) -> Sequence[Row[Any]]:
        """Which school continues which, from these schools back to the first. A ring of them adds nothing new and ends."""
        if not urns:
            return []
        known, moment = ("continuity", ()) if self.before is FAR else (_CONTINUITY_AS_KNOWN, (self.before,))
        return await self._uow.rows(
            f"with recursive step as (select {_CONTINUITY} from {known} c where urn = any($1::text[]) union "
            f"select c.urn, c.predecessor_urn, c.merged from step s join {known} c on c.urn = s.predecessor_urn) "
            f"select {_CONTINUITY} from step order by urn, predecessor_urn",
            urns,
            *moment,
        )


FAR = datetime(9999, 1, 1, tzinfo=UTC)


def _end_of(day: date) -> datetime:
    """The moment at which the day is over in London."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)


def school_from(row: Any) -> School:
    return School(
        urn=row.urn,
        authority=row.authority,
        name=row.name,
        phase=row.phase,
        type_code=row.type_code,
        status=Status(row.status),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        postcode_district=row.postcode_district,
        area=row.area,
        region=row.region,
        trust_id=row.trust_id,
        trust_name=row.trust_name,
        closures=tuple(zip(row.closures[::2], row.closures[1::2], strict=True)),
    )


def outcome_from(row: Any) -> Outcome:
    known = dict(row._mapping)
    card = known.pop("report_card")
    return Outcome(**known, report_card=ReportCard.of(json.loads(card)) if card else None)


async def facts_of(uow: UnitOfWork, schools: Iterable[str], *, known: date | None = None) -> dict[str, Facts]:
    """The facts of each of these schools that the register has.

    ``known``: only what was known at the end of that day (R0.4); None for all that is known now.
    """
    then = _AsKnown(uow, known)
    urns = sorted(set(schools))
    listed = {row.urn: row for row in await then.rows("school", _SCHOOL, _SCHOOL, "urn = any($1::text[])", urns)}
    authorities = sorted({row.authority for row in listed.values()})
    regions = {
        row.code: row.region
        for row in await uow.rows("select code, region from authority where code = any($1::text[])", authorities)
    }
    policies = _by_first(
        [
            ((row.authority, row.kind), row)
            for row in await then.rows(
                "policy",
                _POLICY,
                "authority, kind, lower(during) as from_date, upper(during) as until, name, version, inherit, "
                "settings::text as settings, exists (select from policy_adoption a where a.authority = {this}.authority "
                f"and a.kind = 'category' and a.name = '{PROPOSE}') as ever_proposing",
                "authority = any($1::text[])",
                authorities,
            )
        ]
    )
    continuities = await _continuities(then, urns)
    inspected = sorted({*urns, *(each.predecessor_urn for of_urn in continuities.values() for each in of_urn)})
    outcomes = _by_first([(each.urn, each) for each in await outcomes_of(uow, inspected, before=then.before)])
    entries = _by_first([(row.urn, as_one(LaEntry, row)) for row in await uow.rows(ENTRIES, urns, then.before, [])])
    memberships = as_each(
        Membership,
        await then.rows(
            "membership",
            _MEMBERSHIP,
            # A place ends with its body, also where only the body was recorded as closed.
            f"body_id, urn, lower(during), least(upper(during), {then.closing}), lead",
            "urn = any($1::text[])",
            urns,
        ),
    )
    memberships = [each for each in memberships if each.until is None or each.from_date < each.until]
    bodies = sorted({each.body_id for each in memberships if each.lead}, key=str)
    terms = await then.rows(
        "term",
        _TERM,
        "term_id, office_id, body_id, post, person_id, lower(during), upper(during), route",
        "body_id = any($1::uuid[])",
        bodies,
    )
    allocations = await then.rows(
        "allocation",
        _ALLOCATION,
        "allocation_id, urn, person_id, lower(during), upper(during)",
        "urn = any($1::text[])",
        urns,
    )
    headships = await then.rows(
        "headship", _HEADSHIP, "person_id, urn, lower(during), upper(during)", "urn = any($1::text[])", urns
    )
    overrides = await then.rows(
        "routing_override",
        _OVERRIDE,
        "override_id, urn, matter, person_id, lower(during), upper(during), reason",
        "urn = any($1::text[])",
        urns,
    )
    in_trusts = as_each(
        InTrust,
        await then.rows(
            "school_in_trust",
            _TRUST,
            "urn, trust_id, lower(during), upper(during), trust_name",
            "urn = any($1::text[])",
            urns,
        ),
    )
    trusts = sorted({each.trust_id for each in in_trusts})
    contacts = await then.rows(
        "trust_contact",
        _CONTACT,
        "trust_id, post, person_id, lower(during), upper(during)",
        "trust_id = any($1::text[])",
        trusts,
    )
    # Only where an authority lets officers confirm is anything proposed, or open still though that was withdrawn.
    proposing = any(row.ever_proposing for rows in policies.values() for row in rows)
    proposals = _by_first(
        [(each.urn, each) for each in await proposals_of(uow, inspected, then.before)] if proposing else []
    )
    kept = _by_first([(each.urn, each) for each in await kept_of(uow, inspected, then.before)] if proposing else [])
    terms_of = _by_first([(row.body_id, as_one(Term, row)) for row in terms])
    memberships_of = _by_first([(each.urn, each) for each in memberships])
    allocations_of = _by_first([(row.urn, as_one(Allocation, row)) for row in allocations])
    headships_of = _by_first([(row.urn, as_one(Headship, row)) for row in headships])
    overrides_of = _by_first([(row.urn, as_one(Override, row)) for row in overrides])
    contacts_of = _by_first([(row.trust_id, as_one(TrustContact, row)) for row in contacts])
    trusts_of = _by_first([(each.urn, each) for each in in_trusts])
    found = {}
    for urn, row in listed.items():
        school = school_from(row)
        around = Circumstances(
            school=school if school.region else replace(school, region=regions.get(school.authority, "")),
            policies=[_routing(each) for each in policies[row.authority, "routing"]],
            memberships=memberships_of[urn],
            terms=[term for each in memberships_of[urn] if each.lead for term in terms_of.get(each.body_id, ())],
            allocations=allocations_of[urn],
            trust_contacts=[
                contact
                for trust_id in sorted({each.trust_id for each in trusts_of[urn]})
                for contact in contacts_of[trust_id]
            ],
            headships=headships_of[urn],
            overrides=overrides_of[urn],
            trusts=trusts_of[urn],
        )
        behind = sorted({each.predecessor_urn for each in continuities[urn]} - {urn})
        inherited = [outcome for predecessor in behind for outcome in outcomes[predecessor]]
        found[urn] = Facts(
            circumstances=around,
            category_policies=[_category(each) for each in policies[row.authority, "category"]],
            outcomes=[*outcomes[urn], *inherited],
            continuities=continuities[urn],
            entries=entries[urn],
            proposals=proposals[urn],
            kept=kept[urn],
            proposed_before=[one for predecessor in behind for one in proposals[predecessor]],
            kept_before=[one for predecessor in behind for one in kept[predecessor]],
        )
    return found


async def outcomes_of(
    uow: UnitOfWork, urns: Iterable[str], *, numbers: Iterable[str] = (), before: datetime = FAR
) -> list[Outcome]:
    """What is known of the inspections of these schools, and of the inspections of these numbers."""
    rows = await uow.rows(OUTCOMES, sorted(set(urns)), sorted(set(numbers)), before)
    return [outcome_from(row) for row in rows]


def _routing(row: Any) -> Adopted[RoutingPolicy]:
    return Adopted(routing_policy(row.name, row.version, json.loads(row.settings)), row.from_date, row.until)


def _category(row: Any) -> Adopted[CategoryPolicy]:
    inherit = Inherit(row.inherit or Inherit.CONVERTERS)
    return Adopted(CategoryPolicy(row.name, row.version, inherit), row.from_date, row.until)


async def _continuities(then: _AsKnown, urns: list[str]) -> defaultdict[str, list[Continuity]]:
    """Of each school which ones it continues, which ones those continue, and so on to the first."""
    steps = await then.steps(urns)
    between = sorted({row.urn for row in steps})
    converters = {
        row.urn
        for row in await then.rows("school", _SCHOOL, "urn, type_code", "urn = any($1::text[])", between)
        if establishment_type(row.type_code).converter
    }
    step_of = _by_first(
        [(row.urn, Continuity(row.urn, row.predecessor_urn, row.merged, row.urn in converters)) for row in steps]
    )
    return defaultdict(list, {urn: _line(urn, step_of) for urn in urns if urn in step_of})


def _line(urn: str, step_of: Mapping[str, Sequence[Continuity]]) -> list[Continuity]:
    """All steps behind a school. Lines that make a ring end it."""
    found: list[Continuity] = []
    reached = [urn]
    for each in reached:
        found += step_of.get(each, ())
        reached += {step.predecessor_urn for step in step_of.get(each, ())} - set(reached)
    return found


def _by_first(pairs: list[tuple[Any, Any]]) -> defaultdict[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return grouped
