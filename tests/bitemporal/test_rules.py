"""The rules alone, without a database, on thousands of made-up schools: as the plain model reads them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from services.membership.domain.adopted import Adopted
from services.membership.domain.category import CategoryPolicy, Inherit
from services.membership.domain.representation import Speaker
from services.membership.domain.routing_policy import BRISTOL, DUTY_DESK_ONLY, WARWICKSHIRE
from services.membership.domain.standing import Facts, next_change, standing
from services.membership.domain.trust import Seen, trust_on, trust_periods
from tests.bitemporal import model, table
from tests.bitemporal.model import DESK, MATTERS, Known, Who
from tests.unit.membership.known import URN
from tests.unit.membership.test_always_one_answer import BEGIN, days, facts

P = TypeVar("P")
A_DAY = timedelta(days=1)
LIFE = [BEGIN + number * A_DAY for number in range(-3, 50)]


def timeline(policies: Sequence[P], begins: Iterable[date]) -> list[Adopted[P]]:
    """One after the other, without a gap."""
    starts: list[date | None] = [None, *sorted(set(begins))]
    ends = [*starts[1:], None]
    return [Adopted(policies[n % len(policies)], start, ends[n]) for n, start in enumerate(starts)]


def apart(spans: Iterable[Any], of: Callable[[Any], object]) -> list[Any]:
    """The spans that the store lets in: of one thing there is one at a time."""
    kept: list[Any] = []
    for each in spans:
        for other in kept:
            begins_later = other.until is not None and each.from_date >= other.until
            ends_earlier = each.until is not None and each.until <= other.from_date
            if of(each) == of(other) and not (begins_later or ends_earlier):
                break
        else:
            kept.append(each)
    return kept


@st.composite
def lives(draw: st.DrawFn) -> Facts:
    """A school as it may be in the register, under policies that change on dates."""
    drawn = draw(facts())
    around = drawn.circumstances
    routing = draw(st.permutations([WARWICKSHIRE, WARWICKSHIRE, BRISTOL, DUTY_DESK_ONLY]))
    categories = [CategoryPolicy(name, 1, draw(st.sampled_from(list(Inherit)))) for name in ("ofsted", "la", "ofsted")]
    return replace(
        drawn,
        category_policies=timeline(categories, draw(st.lists(days, max_size=2))),
        outcomes=list({each.identity: each for each in drawn.outcomes}.values()),
        entries=sorted({each.from_date: each for each in drawn.entries}.values(), key=lambda each: each.from_date),
        circumstances=replace(
            around,
            policies=timeline(routing, draw(st.lists(days, max_size=2))),
            memberships=apart(around.memberships, lambda each: each.urn),
            terms=apart(around.terms, lambda each: each.post),
            allocations=apart(around.allocations, lambda each: each.urn),
            trust_contacts=apart(around.trust_contacts, lambda each: (each.trust_id, each.post)),
            headships=apart(around.headships, lambda each: each.person_id),
        ),
    )


def as_facts(life: Facts) -> list[model.Fact]:
    """The same life as a list for the model, everything known from the beginning."""
    around, now = life.circumstances, date.min
    of = around.school
    found: list[model.Fact] = [model.School(now, URN, "W", of.type_code, of.opened_on, of.closed_on, of.status.value)]
    for period in around.trusts:
        found.append(model.InTrust(now, URN, period.trust_id, period.from_date, period.from_date))
        if period.until is not None:
            found.append(model.InTrust(now, URN, None, period.until, period.until))
    for kind, adopted in (("routing", around.policies), ("category", life.category_policies)):
        for policy in adopted:
            inherit = getattr(policy.policy, "inherit", "")
            found.append(model.Policy(now, "W", kind, policy.policy.name, policy.from_date or date.min, inherit))
    for outcome in life.outcomes:
        grades = (outcome.headline, outcome.category_of_concern, outcome.quality_of_education, outcome.leadership)
        found.append(
            model.Outcome(
                outcome.recorded_at.date(), outcome.urn, outcome.inspection_number, outcome.inspection_started_on,
                outcome.published_on, *grades, outcome.safeguarding_effective, outcome.kind,
                card=tuple(sorted(outcome.report_card.as_names().items())) if outcome.report_card else (),
            )
        )  # fmt: skip
    for link in life.continuities:
        found.append(model.Continues(now, link.urn, link.predecessor_urn, link.merged, link.stated))
        if link.urn != URN:
            found.append(model.School(now, link.urn, "W", "34" if link.by_converter else "28", link.opened_on))
    for entry in life.entries:
        found.append(model.Entry(now, str(entry.entry_id), entry.from_date, entry.lifted_on, URN, entry.category))
    for number, each in enumerate(around.memberships):
        found.append(model.Member(now, f"m{number}", each.from_date, each.until, str(each.body_id), URN, each.lead))
    for term in around.terms:
        held = (now, str(term.term_id), term.from_date, term.until)
        found.append(model.Term(*held, str(term.body_id), term.post, str(term.person_id)))
    for number, made in enumerate(around.allocations):
        found.append(model.Allocation(now, f"a{number}", made.from_date, made.until, URN, str(made.person_id)))
    for number, post in enumerate(around.trust_contacts):
        held = (now, f"c{number}", post.from_date, post.until)
        found.append(model.Contact(*held, post.trust_id, post.post, str(post.person_id)))
    for number, head in enumerate(around.headships):
        found.append(model.Headship(now, f"h{number}", head.from_date, head.until, URN, str(head.person_id)))
    return found


def who(speaker: Speaker | None) -> Who | None:
    if speaker is None:
        return None
    if speaker.role == DESK.role:
        return DESK
    body, person = speaker.body_id, speaker.person_id
    return Who(speaker.role.value, str(body) if body else None, None, speaker.trust_id, str(person) if person else None)


def line_named(speaker: Speaker | None) -> table.Line | None:
    return speaker and (speaker.role.value, speaker.rule)


@given(lives())
@settings(max_examples=200, deadline=None)
def test_category_speakers_and_public_role_are_those_of_the_plain_model_on_every_day(life: Facts) -> None:
    """R0.1, R0.3, W-17, W-18, W-19, N-05"""
    known = Known(as_facts(life))
    for day in LIFE:
        given = standing(life, day)
        found = (given.category.value, given.category.because.value, given.category.ref)
        assert found == known.category(URN, day).says
        assert given.public_category.value == known.public_category(URN, day).value
        assert given.public_role == known.public_role(URN, day)
        for matter, speaker in zip(MATTERS, (given.general, given.inspection), strict=True):
            right = known.speaker(URN, matter, day)
            # All offices of these made-up bodies have one id, so an officer is known by her person and role alone.
            assert who(speaker) == (right and right._replace(post=None)), (day, matter)
            assert line_named(speaker) == table.line_of(known, URN, matter, day), (day, matter)


@given(lives())
@settings(max_examples=200, deadline=None)
def test_going_from_date_to_date_gives_the_history_of_going_day_by_day(life: Facts) -> None:
    """D3.10"""
    day_by_day = [standing(life, day) for day in LIFE]
    jumping = []
    day, end = LIFE[0], LIFE[-1] + A_DAY
    while day < end:
        turn = min(next_change(life, day) or end, end)
        jumping += [standing(life, day)] * (turn - day).days
        day = turn
    assert jumping == day_by_day


TRUSTS = st.sampled_from(["7001", "7002", "7003"])


@given(st.lists(st.builds(Seen, st.just(URN), TRUSTS, st.none(), days, st.none() | days), max_size=7))
@settings(max_examples=150, deadline=None)
def test_the_trust_of_each_day_is_that_of_the_plain_model_by_whatever_editions_say(editions: list[Seen]) -> None:
    """D3.11, R0.4"""
    once = {(each.as_at, each.trust_id): each for each in editions}.values()
    in_order = sorted(once, key=lambda each: (each.as_at, each.joined_on or date.min, each.trust_id))
    known = Known(model.InTrust(date.min, URN, each.trust_id, each.as_at, each.joined_on) for each in once)
    periods = trust_periods(in_order, {})
    for day in LIFE:
        found = trust_on(periods, day)
        assert (found and found.trust_id) == known.trust(URN, day), day
