"""The category in force of a school: 1 best to 4 weakest, which alone drives routing (R0.1).

The table of the policy `ofsted` is published in docs/category-policy.md. It is our reading, not Ofsted's.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.membership.domain.la_entry import LaEntry
from services.membership.domain.links import begins, took_in
from services.membership.domain.report_card import ReportCard
from shared.refusal import Invalid, Refusal

OFSTED, LA, PROPOSE = "ofsted", "la", "propose"
CATEGORY_POLICIES = (OFSTED, LA, PROPOSE)
ROUTES_AS = 2  # a school with no outcome has no category in force and routes as Category 2


class Inherit(enum.StrEnum):
    """Whether a predecessor's outcome counts for the school that continues it."""

    CONVERTERS = "converters"
    ALWAYS = "always"  # as the register itself lists it
    NEVER = "never"


@dataclass(frozen=True)
class CategoryPolicy:
    """A dated, versioned policy of an authority.

    `ofsted`: the published outcome decides, an entry of the authority overrides. `la`: the authority's entry alone
    decides, and a school without one has no category in force. `propose`: a published outcome proposes, an officer
    confirms (proposal.py).
    """

    name: str = "ofsted"
    version: int = 1
    inherit: Inherit = Inherit.CONVERTERS


@dataclass(frozen=True)
class Outcome:
    """One published outcome. ``urn`` is the school that was inspected, which may be a predecessor."""

    urn: str
    inspection_number: str
    kind: str  # graded or ungraded
    inspection_started_on: date
    published_on: date
    recorded_at: datetime
    headline: int | None = None
    category_of_concern: str | None = None
    quality_of_education: int | None = None
    leadership: int | None = None
    safeguarding_effective: bool | None = None
    report_card: ReportCard | None = None
    withdrawn: bool = False
    source_as_at: date = date.min  # the day of the source that said so: of two, the later one is believed

    @property
    def identity(self) -> tuple[str, str]:
        """An inspection that was converted to graded is listed twice under one number, once as each kind."""
        return (self.inspection_number, self.kind)

    @property
    def in_order(self) -> tuple[date, date, datetime, str]:
        """Which outcome is the later: by publication; of one day, the later inspection, then the later recorded."""
        return (self.published_on, self.inspection_started_on, self.recorded_at, self.inspection_number)


@dataclass(frozen=True)
class Continuity:
    """One school continues another: from the register's links, or from an outcome listed under another URN.

    ``stated`` is the day of the link and ``opened_on`` that on which the school that continues opened, where they are known:
    from which day it counts follows from both, by the rule of places (links.py).
    """

    urn: str
    predecessor_urn: str
    merged: bool = False
    by_converter: bool = field(default=False, compare=False)  # whether the school that continues is a converter
    stated: date | None = field(default=None, compare=False)
    opened_on: date | None = field(default=None, compare=False)

    @property
    def on(self) -> date | None:
        return begins(self.stated, self.opened_on)

    @property
    def is_merger(self) -> bool:
        """Whether the register calls it one, or the school took the other in when it had long existed."""
        return self.merged or took_in(self.stated, self.opened_on)

    @property
    def taken_in_on(self) -> date:
        """When the school took the other one in; before all days where it opened in its place."""
        return self.stated if self.stated is not None and took_in(self.stated, self.opened_on) else date.min


class Because(enum.StrEnum):
    OUTCOME = "outcome"
    INHERITED = "inherited"
    LA_CATEGORY = "la-category"
    PROPOSAL = "proposal"  # an officer confirmed what an outcome proposed
    NOTHING = "nothing"


@dataclass(frozen=True)
class Category:
    """An answer of the policy: the category, and the fact that decided it. ``value`` None: no outcome at all."""

    value: int | None
    because: Because
    ref: str  # the inspection number, or the id of the LA entry
    policy: CategoryPolicy
    true_from: date | None = None
    inherited_from: str | None = None
    facts: dict[str, str | int | bool | None] = field(default_factory=dict, compare=False)

    @property
    def routes_as(self) -> int:
        return ROUTES_AS if self.value is None else self.value

    @property
    def restricted(self) -> bool:
        return self.because is Because.LA_CATEGORY

    def sentence(self, predecessor: str | None = None) -> str:
        """Why, in words an officer can read out. ``predecessor``: the name of the school whose outcome is inherited."""
        if self.because is Because.NOTHING and self.value is not None:
            return f"Category {self.value} is in force"
        if self.because is Because.NOTHING and self.policy.name == LA:
            return (
                "The authority's own category decides and none is entered: the school has no category in force and "
                f"routes as Category {ROUTES_AS}"
            )
        if self.policy.name == PROPOSE and self.because in (Because.NOTHING, Because.PROPOSAL):
            return self._confirmed_sentence(predecessor)
        if self.because is Because.NOTHING:
            return f"No outcome is recorded: the school has no category in force and routes as Category {ROUTES_AS}"
        if self.because is Because.LA_CATEGORY:
            return f"Category {self.value} by the authority's own entry from {self.true_from:%-d %B %Y}"
        unconfirmed = ", kept because no officer has confirmed another" if self.policy.name == PROPOSE else ""
        if self.inherited_from is None:
            return f"Category {self.value} by inspection {self.ref}, published {self.true_from:%-d %B %Y}{unconfirmed}"
        return (
            f"Category {self.value} from {self.true_from:%-d %B %Y} by inspection {self.ref}, "
            f"published {date.fromisoformat(str(self.facts['published_on'])):%-d %B %Y}, "
            f"inherited from {predecessor or self.inherited_from}{unconfirmed}"
        )

    def _confirmed_sentence(self, predecessor: str | None) -> str:
        none = f"no category in force and routes as Category {ROUTES_AS}"
        if self.because is Because.NOTHING:
            return f"No officer has confirmed a category: the school has {none}"
        since = f"from {self.true_from:%-d %B %Y}, as an officer confirmed"
        since += f" for {predecessor or self.inherited_from}" if self.facts.get("confirmed_for") else ""
        if self.value is None:
            return f"The school has {none} {since}: no outcome gives one any more"
        return f"Category {self.value} {since}; proposed by inspection {self.facts['inspection_number']}"


class NotYetPublished(Refusal):
    def __init__(self, inspection_number: str, published_on: date):
        super().__init__(
            f"Inspection {inspection_number} is published on {published_on:%-d %B %Y}: enter its outcome from that day on"
        )


class InspectedAfterPublication(Invalid):
    def __init__(self, inspection_number: str):
        super().__init__(f"Inspection {inspection_number} begins after its publication: check both dates")


class NoJudgement(Invalid):
    def __init__(self, inspection_number: str):
        super().__init__(
            f"Inspection {inspection_number} is entered as graded without any judgement: enter what the report says (the "
            "headline, quality of education and leadership, the grades of a report card, or a category of concern), or enter "
            "it as ungraded"
        )


def must_have_judgement(outcome: Outcome) -> None:
    """A graded inspection that an officer enters says something of the category. Raises NoJudgement.

    That safeguarding is effective is no grade. Ofsted's own files may have one on which nothing was judged.
    """
    if outcome.kind == "graded" and category_of_outcome(outcome) is None:
        raise NoJudgement(outcome.inspection_number)


def category_of_outcome(outcome: Outcome) -> int | None:
    """What one outcome says by the table, or None where it says nothing (ungraded, or not judged at all)."""
    if outcome.kind != "graded":
        return None  # ungraded and monitoring inspections change nothing; converted ones arrive as graded
    if outcome.category_of_concern or outcome.safeguarding_effective is False:
        return 4
    if outcome.headline is not None:
        return outcome.headline
    if outcome.report_card is not None:
        return outcome.report_card.category
    judgements = [grade for grade in (outcome.quality_of_education, outcome.leadership) if grade is not None]
    return max(judgements) if judgements else None


def outcome_in_force(outcomes: Iterable[Outcome], day: date) -> tuple[Outcome, int] | None:
    """The latest published outcome that says something, and what it says."""
    found: tuple[Outcome, int] | None = None
    for outcome in outcomes:
        if outcome.withdrawn or outcome.published_on > day:
            continue  # true from its publication, never before
        category = category_of_outcome(outcome)
        if category is not None and (found is None or outcome.in_order > found[0].in_order):
            found = (outcome, category)
    return found


def inherits(policy: CategoryPolicy, *, is_converter: bool, continuity: Continuity) -> bool:
    if policy.inherit is Inherit.ALWAYS:
        return True
    if policy.inherit is Inherit.NEVER:
        return False
    return is_converter and not continuity.is_merger


def passed_on(
    urn: str, continuities: Iterable[Continuity], policy: CategoryPolicy, *, is_converter: bool, day: date = date.max
) -> list[Continuity]:
    """Of the continuities behind a school those by which outcomes are inherited, each step by the same policy.

    ``day``: only those that have begun by then.
    """
    return [
        each
        for each in continuities
        if (each.on is None or each.on <= day)
        and inherits(policy, is_converter=is_converter if each.urn == urn else each.by_converter, continuity=each)
    ]


def behind(
    urn: str, line: Sequence[Continuity], begins_on: Callable[[Continuity], date], since: date = date.min
) -> dict[str, date]:
    """The schools that one continues, at once or after others, the nearest first, and from when on each. A ring of lines ends
    where it began.
    """
    found = {urn: since}
    for each in (reached := [urn]):
        for step in sorted((one for one in line if one.urn == each), key=lambda one: one.predecessor_urn):
            before, on = step.predecessor_urn, max(found[each], begins_on(step))
            reached += [before] if before not in found else []
            found[before] = min(on, found.get(before, on))
    return {urn: found[urn] for urn in reached[1:]}


def _left_to(
    urn: str, line: Sequence[Continuity], outcomes: Sequence[Outcome], day: date, after: frozenset[str] = frozenset()
) -> tuple[Outcome, int, date] | None:
    """What the schools that it continues left: of each its own outcome, else what it had inherited; the latest of these.

    And the day on which the last step of the line to it began; where two lines lead to it, that of the earlier.
    ``after``: the schools that come later in the line, since the register's lines may make a ring.
    """
    later = after | {urn}
    left = []
    for step in (each for each in line if each.urn == urn and each.predecessor_urn not in later):
        own = outcome_in_force((each for each in outcomes if each.urn == step.predecessor_urn), day)
        found = (*own, date.min) if own else _left_to(step.predecessor_urn, line, outcomes, day, later)
        if found is not None:
            outcome, category, since = found
            left.append((outcome, category, max(since, step.on or date.min)))
    return max(left, key=lambda each: (each[0].in_order, date.max - each[2]), default=None)


def category_in_force(
    *,
    urn: str,
    is_converter: bool,
    opened_on: date | None,
    outcomes: Sequence[Outcome],
    continuities: Sequence[Continuity],
    entries: Sequence[LaEntry],
    policy: CategoryPolicy,
    day: date,
    held: Category | None = None,
) -> Category:
    """The category in force on a day. ``outcomes`` are the school's own and those of the schools behind it.

    ``held``: what is confirmed or kept where the policy is `propose` (proposal.py).
    """
    standing = [entry for entry in entries if entry.stands_on(day)]
    if standing:
        # Ids are made in order of time: they tell apart what was entered at one moment.
        entry = max(standing, key=lambda each: (each.from_date, each.recorded_at, each.entry_id))
        return Category(
            entry.category,
            Because.LA_CATEGORY,
            str(entry.entry_id),
            policy,
            entry.from_date,
            facts={"category": entry.category, "from": str(entry.from_date), "review_on": str(entry.review_on)},
        )
    if policy.name == LA:
        return Category(None, Because.NOTHING, "", policy)
    if policy.name == PROPOSE:
        return held or Category(None, Because.NOTHING, "", policy)
    own = outcome_in_force((each for each in outcomes if each.urn == urn), day)
    if own is not None:
        return _by_outcome(own, policy, None, own[0].published_on)
    if opened_on is None or day >= opened_on:
        line = passed_on(urn, continuities, policy, is_converter=is_converter, day=day)
        inherited = _left_to(urn, line, outcomes, day)
        if inherited is not None:
            outcome, value, since = inherited
            true_from = max(outcome.published_on, since, opened_on or date.min)
            return _by_outcome((outcome, value), policy, outcome.urn, true_from)
    return Category(None, Because.NOTHING, "", policy)


def _by_outcome(
    found: tuple[Outcome, int], policy: CategoryPolicy, inherited_from: str | None, true_from: date
) -> Category:
    outcome, value = found
    return Category(
        value,
        Because.INHERITED if inherited_from else Because.OUTCOME,
        outcome.inspection_number,
        policy,
        true_from,
        inherited_from,
        facts={
            "inspection_number": outcome.inspection_number,
            "inspected_urn": outcome.urn,
            "inspection_started_on": str(outcome.inspection_started_on),
            "published_on": str(outcome.published_on),
            "headline": outcome.headline,
            "category_of_concern": outcome.category_of_concern,
            "quality_of_education": outcome.quality_of_education,
            "leadership": outcome.leadership,
            "safeguarding_effective": outcome.safeguarding_effective,
            **(outcome.report_card.as_names() if outcome.report_card else {}),
        },
    )
