"""Where a school stands on a day: its category in force, who speaks for it, and what public facts alone give.

The one computation behind every change: an outcome, an entry of the authority, an office, an allocation, the register,
or simply a new day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol

from services.membership.domain.adopted import Adopted, in_force
from services.membership.domain.category import (
    OFSTED,
    PROPOSE,
    Because,
    Category,
    CategoryPolicy,
    Continuity,
    Outcome,
    behind,
    category_in_force,
    passed_on,
)
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.proposal import ALWAYS, Kept, Proposal, carried_on, held, proposing_since
from services.membership.domain.representation import Circumstances, Speaker, public_role, route
from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import School


class _Span(Protocol):
    @property
    def from_date(self) -> date: ...
    @property
    def until(self) -> date | None: ...


@dataclass(frozen=True)
class Facts:
    """All that is known of one school, as the store gives it."""

    circumstances: Circumstances
    category_policies: Sequence[Adopted[CategoryPolicy]]
    outcomes: Sequence[Outcome] = ()  # its own, and those of the schools that it continues
    continuities: Sequence[Continuity] = ()
    entries: Sequence[LaEntry] = ()
    proposals: Sequence[Proposal] = ()
    kept: Sequence[Kept] = ()
    proposed_before: Sequence[Proposal] = ()  # of the schools of its own authority that it continues
    kept_before: Sequence[Kept] = ()
    schools_before: Sequence[School] = ()

    @property
    def urn(self) -> str:
        return self.circumstances.school.urn

    def category_policy_on(self, day: date) -> CategoryPolicy:
        return in_force(self.category_policies, day) or CategoryPolicy()

    def policy_begins_on(self, day: date) -> bool:
        """Whether the authority has another policy from this day, for routing or for categories."""
        adopted: tuple[Adopted[Any], ...] = (*self.category_policies, *self.circumstances.policies)
        return any(each.from_date == day for each in adopted)


@dataclass(frozen=True)
class Standing:
    """``general`` and ``inspection`` are None when nobody is to be named: closed, not yet open, not state-funded."""

    category: Category
    public_category: Category
    general: Speaker | None
    inspection: Speaker | None
    public_role: str | None

    def speaker(self, matter: Matter) -> Speaker | None:
        return self.general if matter is Matter.GENERAL else self.inspection

    @property
    def category_is_public(self) -> bool:
        return self.category.value == self.public_category.value and not self.category.restricted

    @property
    def restricted(self) -> bool:
        """Whether the answer depends on an entry of the authority, an allocation or an override (R0.8).

        Or on a category in force that is not what the published outcome gives.
        """
        return not self.category_is_public or any(
            speaker is not None and speaker.is_restricted for speaker in (self.general, self.inspection)
        )

    @property
    def speaks(self) -> tuple[object, object]:
        """Who answers on either matter, whatever the rule: two standings with the same name the same people."""
        return (self.general and self.general.who, self.inspection and self.inspection.who)


@dataclass(frozen=True)
class Correction:
    """Days of the past, [from_date, until), that today's knowledge sees otherwise than yesterday's did."""

    what: str  # category-in-force or representation
    from_date: date
    until: date


def standing(facts: Facts, day: date) -> Standing:
    school = facts.circumstances.school
    in_force = _category(facts, facts.entries, day)
    public = by_publication(facts, day)
    if not school.is_spoken_for() or not school.open_on(day):
        return Standing(in_force, public, None, None, None)
    role = public_role(facts.circumstances, day, public.routes_as)
    return with_category(facts, Standing(in_force, public, None, None, role), in_force, day)


def with_category(facts: Facts, now: Standing, category: Category, day: date) -> Standing:
    """With that category in force, and whoever speaks for the school by it."""
    general, inspection = (
        route(facts.circumstances, matter, day, category.routes_as) for matter in (Matter.GENERAL, Matter.INSPECTION)
    )
    return replace(now, category=category, general=general, inspection=inspection)


def next_change(facts: Facts, after: date) -> date | None:
    """The first later day on which a date among the facts begins or ends: the school must be looked at again then."""
    return min((day for day in _dates(facts) if day is not None and day > after), default=None)


def corrected(before: Facts, after: Facts, since: date, today: date) -> list[Correction]:
    """What a late fact, or one taken back, changes of the days from ``since`` until today: each run of such days (D3.10).

    A day between that is seen as before is in none of them: whoever met on it went by nothing wrong. Another category says
    more than another speaker, who follows from it; of each day only what says most is given. A school that is closed, or not
    open yet, has no category that anybody was told of.
    """
    if since >= today:
        return []
    days = sorted({since, *(day for facts in (before, after) for day in _dates(facts) if day and since < day < today)})
    found: list[Correction] = []
    for day, end in zip(days, [*days[1:], today], strict=True):
        what = _seen_otherwise(before, after, day)
        if what is not None and found and (found[-1].what, found[-1].until) == (what, day):
            found[-1] = replace(found[-1], until=end)
        elif what is not None:
            found.append(Correction(what, day, end))
    return found


def _seen_otherwise(before: Facts, after: Facts, day: date) -> str | None:
    old, new = standing(before, day), standing(after, day)
    is_open = any(each.circumstances.school.open_on(day) for each in (before, after))
    if is_open and old.category.value != new.category.value:
        return "category-in-force"
    return "representation" if old.speaks != new.speaks else None


def by_publication(facts: Facts, day: date) -> Category:
    """What published outcomes alone give, all that the public may infer (N-05): nothing where the authority decides.

    Where they propose, what they propose: whether an officer has confirmed it is not public (R0.8).
    """
    policy = facts.category_policy_on(day)
    return _category(facts, (), day, replace(policy, name=OFSTED) if policy.name == PROPOSE else policy)


def held_on(facts: Facts, since: date, day: date, *, up_to: date | None = None) -> Category:
    """What is confirmed or kept on a day under `propose`, which holds since a day, but for entries of the authority.

    ``up_to``: as it will be by a later day, if nothing else is confirmed.
    """
    written = any(each.since == since for each in facts.kept)
    before = None if written else stood(facts, since, facts.circumstances.school)
    policy = facts.category_policy_on(day)
    own = held(facts.proposals, facts.kept, since=since, before=before, policy=policy, day=up_to or day)
    return own if own.because is not Because.NOTHING else _carried_on(facts, since, policy, day, up_to) or own


def stood(facts: Facts, since: date, school: School) -> Category | None:
    """What was in force for the school, or for one that it continues, on the day before officers began to be asked.

    But for entries of the authority. None where officers always were asked.
    """
    return None if since == ALWAYS else _category(facts, (), since - timedelta(days=1), of=school)


def _carried_on(facts: Facts, since: date, policy: CategoryPolicy, day: date, up_to: date | None) -> Category | None:
    """In whatever order schools are looked at: what stays in force for those before may not be written down yet."""
    school = facts.circumstances.school
    if school.opened_on is not None and day < school.opened_on:
        return None
    line = passed_on(school.urn, facts.continuities, policy, is_converter=school.is_converter, day=day)
    written = {each.urn for each in facts.kept_before if each.since == since}
    return carried_on(
        facts.proposed_before,
        facts.kept_before,
        behind(school.urn, line, lambda step: step.on or date.min, school.opened_on or date.min),
        since=since,
        before={each.urn: stood(facts, since, each) for each in facts.schools_before if each.urn not in written},
        policy=policy,
        day=up_to or day,
    )


def _category(
    facts: Facts,
    entries: Sequence[LaEntry],
    day: date,
    policy: CategoryPolicy | None = None,
    of: School | None = None,
) -> Category:
    school = of or facts.circumstances.school
    policy = policy or facts.category_policy_on(day)
    since = proposing_since(facts.category_policies, day) if policy.name == PROPOSE else None
    return category_in_force(
        urn=school.urn,
        is_converter=school.is_converter,
        opened_on=school.opened_on,
        outcomes=facts.outcomes,
        continuities=facts.continuities,
        entries=entries,
        policy=policy,
        day=day,
        held=held_on(facts, since, day) if since is not None else None,
    )


def _dates(facts: Facts) -> Iterable[date | None]:
    around = facts.circumstances
    yield from (around.school.opened_on, around.school.closed_on)
    for closure in around.school.closures:
        yield from closure
    for step in facts.continuities:
        yield step.on
    for outcome in facts.outcomes:
        yield outcome.published_on
    for entry in facts.entries:
        yield from (entry.from_date, entry.lifted_on)
    for proposal in (*facts.proposals, *facts.proposed_before):
        yield proposal.from_date
    policies: tuple[Adopted[Any], ...] = (*facts.category_policies, *around.policies)
    for adopted in policies:
        yield from (adopted.from_date, adopted.until)
    spans: Sequence[_Span] = (
        *around.memberships,
        *around.terms,
        *around.allocations,
        *around.trust_contacts,
        *around.headships,
        *around.overrides,
        *around.trusts,
    )
    for span in spans:
        yield from (span.from_date, span.until)
