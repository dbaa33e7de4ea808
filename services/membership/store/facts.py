"""All that a standing is decided from, for many schools in a handful of statements."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.membership.domain.adopted import Adopted
from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import PROPOSE, CategoryPolicy, Continuity, Inherit
from services.membership.domain.establishment import establishment_type
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.office import Term
from services.membership.domain.override import Override
from services.membership.domain.representation import Circumstances
from services.membership.domain.routing_policy import RoutingPolicy, routing_policy
from services.membership.domain.school import School, Status
from services.membership.domain.standing import Facts
from services.membership.domain.trust import InTrust
from services.membership.store.as_known import AsKnown
from services.membership.store.outcomes import ENTRIES, outcomes_of
from services.membership.store.proposals import kept_of, proposals_of
from services.membership.store.rows import as_one
from shared.store import UnitOfWork

_SCHOOL = (
    "urn, authority, name, phase, type_code, status, opened_on, closed_on, postcode_district, area, region, trust_id, "
    "trust_name, closures"
)
_POLICY = "authority, kind, during, name, version, inherit, settings"


@dataclass(frozen=True)
class _Span:
    """A table of what holds from a day until another: what its rows are, and their columns in the order of the arguments."""

    kind: Callable[..., Any]
    table: str
    columns: str
    of: str  # the column by whose values it is read
    of_type: str = "text"

    async def among(self, then: AsKnown, ids: Sequence[object], until: str = "upper(during)") -> list[Any]:
        shown = self.columns.replace("during", f"lower(during), {until}")
        where = f"{self.of} = any($1::{self.of_type}[])"
        return [as_one(self.kind, row) for row in await then.rows(self.table, self.columns, shown, where, ids)]


_PLACES = _Span(Membership, "membership", "body_id, urn, during, lead", of="urn")
_TERMS = _Span(
    Term, "term", "term_id, office_id, body_id, post, person_id, during, route", of="body_id", of_type="uuid"
)
_ALLOCATIONS = _Span(Allocation, "allocation", "allocation_id, urn, person_id, during", of="urn")
_HEADSHIPS = _Span(Headship, "headship", "person_id, urn, during", of="urn")
_OVERRIDES = _Span(Override, "routing_override", "override_id, urn, matter, person_id, during, reason", of="urn")
_TRUSTS = _Span(InTrust, "school_in_trust", "urn, trust_id, during, trust_name", of="urn")
_CONTACTS = _Span(TrustContact, "trust_contact", "trust_id, post, person_id, during", of="trust_id")


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


async def facts_of(uow: UnitOfWork, schools: Iterable[str], *, known: date | None = None) -> dict[str, Facts]:
    """The facts of each of these schools that the register has.

    ``known``: only what was known at the end of that day (R0.4); None for all that is known now.
    """
    then = AsKnown(uow, known)
    urns = sorted(set(schools))
    listed = {row.urn: row for row in await then.rows("school", _SCHOOL, _SCHOOL, "urn = any($1::text[])", urns)}
    policies = await _policies(then, {row.authority for row in listed.values()})
    around = await _circumstances(then, listed, policies)
    continuities = await _continuities(then, urns)
    inspected = sorted({*urns, *(each.predecessor_urn for of_urn in continuities.values() for each in of_urn)})
    outcomes = _by("urn", await outcomes_of(uow, inspected, before=then.before))
    entries = _by("urn", [as_one(LaEntry, row) for row in await uow.rows(ENTRIES, urns, then.before, [])])
    # Only where an authority lets officers confirm is anything proposed, or open still though that was withdrawn.
    proposing = any(row.ever_proposing for rows in policies.values() for row in rows)
    proposals = _by("urn", await proposals_of(uow, inspected, then.before) if proposing else [])
    kept = _by("urn", await kept_of(uow, inspected, then.before) if proposing else [])
    before = await _before(then, listed, inspected) if proposing else {}
    found = {}
    for urn, row in listed.items():
        behind = sorted({each.predecessor_urn for each in continuities[urn]} - {urn})
        # What an officer has confirmed or kept decides in her own authority alone; what was published follows everywhere.
        own = [each for each in behind if each in before and before[each].authority == row.authority]
        found[urn] = Facts(
            circumstances=around[urn],
            category_policies=[_category(each) for each in policies[row.authority, "category"]],
            outcomes=[*outcomes[urn], *(outcome for predecessor in behind for outcome in outcomes[predecessor])],
            continuities=continuities[urn],
            entries=entries[urn],
            proposals=proposals[urn],
            kept=kept[urn],
            proposed_before=[one for predecessor in own for one in proposals[predecessor]],
            kept_before=[one for predecessor in own for one in kept[predecessor]],
            schools_before=[before[each] for each in own],
        )
    return found


async def _before(then: AsKnown, listed: Mapping[str, Any], urns: Iterable[str]) -> dict[str, School]:
    """These schools and those that they continue, whose rows are read where they are not at hand."""
    missing = sorted(set(urns) - set(listed))
    rows = [*listed.values(), *await then.rows("school", _SCHOOL, _SCHOOL, "urn = any($1::text[])", missing)]
    return {row.urn: school_from(row) for row in rows}


async def _circumstances(
    then: AsKnown, listed: Mapping[str, Any], policies: Mapping[tuple[str, str], Sequence[Any]]
) -> dict[str, Circumstances]:
    """Of each school of the register whatever says who may speak for it, but for its category."""
    urns = list(listed)
    regions = await _regions(then, {row.authority for row in listed.values()})
    # A place ends with its body, also where only the body was recorded as closed.
    places = await _PLACES.among(then, urns, until=f"least(upper(during), {then.closing})")
    places = [each for each in places if each.until is None or each.from_date < each.until]
    places_of = _by("urn", places)
    terms_of = _by("body_id", await _TERMS.among(then, sorted({each.body_id for each in places if each.lead}, key=str)))
    allocations_of = _by("urn", await _ALLOCATIONS.among(then, urns))
    headships_of = _by("urn", await _HEADSHIPS.among(then, urns))
    overrides_of = _by("urn", await _OVERRIDES.among(then, urns))
    trusts = await _TRUSTS.among(then, urns)
    trusts_of = _by("urn", trusts)
    contacts_of = _by("trust_id", await _CONTACTS.among(then, sorted({each.trust_id for each in trusts})))
    found = {}
    for urn, row in listed.items():
        school = school_from(row)
        found[urn] = Circumstances(
            school=school if school.region else replace(school, region=regions.get(school.authority, "")),
            policies=[_routing(each) for each in policies[row.authority, "routing"]],
            memberships=places_of[urn],
            terms=[term for each in places_of[urn] if each.lead for term in terms_of[each.body_id]],
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
    return found


async def _regions(then: AsKnown, authorities: Iterable[str]) -> dict[str, str]:
    rows = await then.uow.rows("select code, region from authority where code = any($1::text[])", sorted(authorities))
    return {row.code: row.region for row in rows}


async def _policies(then: AsKnown, authorities: Iterable[str]) -> defaultdict[tuple[str, str], list[Any]]:
    """What each authority adopted, by the authority and by what it is a policy of."""
    rows = await then.rows(
        "policy",
        _POLICY,
        "authority, kind, lower(during) as from_date, upper(during) as until, name, version, inherit, "
        "settings::text as settings, exists (select from policy_adoption a where a.authority = {this}.authority "
        f"and a.kind = 'category' and a.name = '{PROPOSE}') as ever_proposing",
        "authority = any($1::text[])",
        sorted(authorities),
    )
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.authority, row.kind].append(row)
    return grouped


async def routing_policies(uow: UnitOfWork, authority: str, known: date) -> list[Adopted[RoutingPolicy]]:
    """What the authority had adopted of routing, as known at the end of that day."""
    adopted = await _policies(AsKnown(uow, known), {authority})
    return [_routing(each) for each in adopted[authority, "routing"]]


def _routing(row: Any) -> Adopted[RoutingPolicy]:
    return Adopted(routing_policy(row.name, row.version, json.loads(row.settings)), row.from_date, row.until)


def _category(row: Any) -> Adopted[CategoryPolicy]:
    inherit = Inherit(row.inherit or Inherit.CONVERTERS)
    return Adopted(CategoryPolicy(row.name, row.version, inherit), row.from_date, row.until)


async def _continuities(then: AsKnown, urns: list[str]) -> defaultdict[str, list[Continuity]]:
    """Of each school which ones it continues, which ones those continue, and so on to the first."""
    steps = await then.steps(urns)
    between = sorted({row.urn for row in steps})
    shown = "urn, type_code, opened_on"
    later = {row.urn: row for row in await then.rows("school", _SCHOOL, shown, "urn = any($1::text[])", between)}
    step_of = _by("urn", [_continuity(row, later.get(row.urn)) for row in steps])
    return defaultdict(list, {urn: _line(urn, step_of) for urn in urns if urn in step_of})


def _continuity(step: Any, school: Any | None) -> Continuity:
    """``school``: the one that continues. Where the register lacks it, the link's day alone says nothing."""
    if school is None:
        return Continuity(step.urn, step.predecessor_urn, step.merged)
    converter = establishment_type(school.type_code).converter
    return Continuity(step.urn, step.predecessor_urn, step.merged, converter, step.from_date, school.opened_on)


def _line(urn: str, step_of: Mapping[str, Sequence[Continuity]]) -> list[Continuity]:
    """All steps behind a school. Lines that make a ring end it."""
    found: list[Continuity] = []
    reached = [urn]
    for each in reached:
        found += step_of.get(each, ())
        reached += {step.predecessor_urn for step in step_of.get(each, ())} - set(reached)
    return found


def _by(key: str, found: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    grouped = defaultdict(list)
    for each in found:
        grouped[getattr(each, key)].append(each)
    return grouped
