"""Somebody else speaks for a school for a time: reason, expiry, and what still holds (W-19, R0.3, R0.8)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest

from services.membership.domain import override as overriding
from services.membership.domain.adopted import always
from services.membership.domain.appointment import Headship
from services.membership.domain.category import CategoryPolicy
from services.membership.domain.inspection_call import line
from services.membership.domain.known import OVERRIDE_BEGINS, OVERRIDE_ENDS, Untold, as_the_school_knows
from services.membership.domain.override import Override, end_override, set_override
from services.membership.domain.representation import Circumstances, Role, public_role, route
from services.membership.domain.routing_policy import BRISTOL, DUTY_DESK_ONLY, Matter
from services.membership.domain.standing import Facts, next_change, standing
from shared.refusal import Refusal
from tests.unit.membership.known import DAY, a_school, allocated, an_academy, circumstances, heads_it, person

TODAY = DAY
UNTIL = date(2024, 7, 1)
A_DAY = timedelta(days=1)
URN = a_school().urn


def named(
    who: str | None = "somebody else", matter: str = "both", from_date: date = DAY, until: date = UNTIL, number: int = 1
) -> Override:
    override_id = uuid5(UUID(int=8), str(number))
    return Override(override_id, URN, matter, person(who) if who else None, from_date, until, "The chair is ill")


def speaks(given: Circumstances, matter: Matter = Matter.GENERAL, day: date = DAY, category: int = 2) -> object:
    found = route(given, matter, day, category)
    return (found.role, found.person_id, found.rule)


SOMEBODY = (Role.NAMED_PERSON, person("somebody else"), "override")


@pytest.mark.parametrize("category", [1, 2, 3, 4])
@pytest.mark.parametrize("matter", list(Matter))
def test_an_override_comes_before_every_rule_of_every_policy(matter: Matter, category: int) -> None:
    """W-19: an academy's inspection too, a school in no body, a type that nobody knows, and every policy."""
    held = (named(),)
    for given in (
        circumstances(overrides=held),
        circumstances(an_academy(), overrides=held),
        circumstances(a_school(type_code=""), overrides=held),
        circumstances(overrides=held, allocations=(allocated("the leader"),)),
        replace(circumstances(overrides=held), policies=always(BRISTOL)),
        replace(circumstances(overrides=held), policies=always(DUTY_DESK_ONLY)),
    ):
        assert speaks(given, matter, category=category) == SOMEBODY


def test_an_override_of_one_matter_leaves_the_other_to_the_rules() -> None:
    """W-19"""
    given = circumstances(overrides=(named(matter="inspection"),))
    assert speaks(given, Matter.INSPECTION) == SOMEBODY
    assert speaks(given, Matter.GENERAL) == (Role.CHAIR, person("the chair"), "chair")


def test_it_begins_on_its_day_and_is_over_on_the_day_on_which_it_expires() -> None:
    """W-19: nothing has to be done for it."""
    given = circumstances(overrides=(named(),))
    days = [DAY - A_DAY, DAY, UNTIL - A_DAY, UNTIL]
    assert [route(given, Matter.GENERAL, day, 2).role for day in days] == [
        Role.CHAIR,
        Role.NAMED_PERSON,
        Role.NAMED_PERSON,
        Role.CHAIR,
    ]
    facts = Facts(given, always(CategoryPolicy()))
    assert next_change(facts, DAY - A_DAY) == DAY
    assert next_change(facts, DAY) == UNTIL


def test_the_duty_desk_can_be_named() -> None:
    """W-19"""
    assert speaks(circumstances(overrides=(named(None),))) == (Role.DUTY_DESK, None, "override")


def test_whoever_becomes_head_of_the_school_meanwhile_does_not_speak_for_it() -> None:
    """R0.3: nobody speaks for a school that she or he heads; the rules decide as without the override."""
    from_then = DAY + A_DAY
    head = Headship(person("somebody else"), URN, from_then, None)
    given = circumstances(overrides=(named(),), headships=(head,))
    assert speaks(given, day=DAY) == SOMEBODY
    assert speaks(given, day=from_then) == (Role.CHAIR, person("the chair"), "chair")


def test_from_public_facts_alone_there_is_no_override() -> None:
    """N-05, R0.8"""
    given = circumstances(overrides=(named(),))
    assert public_role(given, DAY, 2) is Role.CHAIR
    assert standing(Facts(given, always(CategoryPolicy())), DAY).restricted


def test_the_answer_never_tells_the_reason() -> None:
    """R0.8: what was entered stays with membership."""
    assert "ill" not in route(circumstances(overrides=(named(),)), Matter.GENERAL, DAY, 2).reason


def test_when_somebody_named_cannot_talk_to_the_inspectors_the_rules_name_the_next() -> None:
    """W-16, W-19"""
    found = line(circumstances(overrides=(named(),)), DAY, 2)
    assert [each.rule for each in found][:2] == ["override", "chair"]
    assert found[-1].role is Role.DUTY_DESK


def general(override: Override | None, untold: Untold, day: date) -> Role:
    """Who speaks as the school knows it."""
    given = circumstances(overrides=(override,) if override is not None else ())
    known = as_the_school_knows(Facts(given, always(CategoryPolicy())), untold, day)
    found = standing(known, day).general
    assert found is not None
    return found.role


def test_a_school_knows_of_an_override_when_it_was_told_and_of_its_expiry_with_it() -> None:
    """R0.8: it was told until when it lasts."""
    override = named(until=DAY + A_DAY)
    begins = Untold(DAY, frozenset({(OVERRIDE_BEGINS, override.override_id)}))
    assert general(override, begins, DAY) is Role.CHAIR
    assert general(override, Untold(), DAY) is Role.NAMED_PERSON
    assert general(override, Untold(), override.until) is Role.CHAIR


def test_an_end_earlier_than_the_school_was_told_is_nothing_to_it_until_it_is_told_of_that_too() -> None:
    """R0.8"""
    as_set = named(until=DAY + 9 * A_DAY)
    ended, third = replace(as_set, until=DAY + 2 * A_DAY), DAY + 3 * A_DAY
    ends = (OVERRIDE_ENDS, as_set.override_id)
    untold = Untold(DAY, frozenset({ends}), overrides=(as_set,))
    assert general(ended, Untold(overrides=(as_set,)), DAY) is Role.NAMED_PERSON  # the end lies ahead
    assert general(ended, untold, third) is Role.NAMED_PERSON
    assert general(ended, untold, as_set.until) is Role.CHAIR  # it would be over as the school was told
    assert general(ended, Untold(overrides=(as_set,)), third) is Role.CHAIR
    # Taken back on the day on which it began, after the school had been told of it.
    assert general(None, untold, third) is Role.NAMED_PERSON
    assert general(None, Untold(overrides=(as_set,)), third) is Role.CHAIR


REFUSED = {
    "no reason": (overriding.OverrideNeedsReason, {"reason": "  "}),
    "a matter that is none": (overriding.OverridesNoMatter, {"matter": "money"}),
    "a day that has gone": (overriding.OverrideFromThePast, {"from_date": TODAY - A_DAY}),
    "no day at all": (overriding.OverrideEndsTooSoon, {"until": DAY}),
    "more than a year": (overriding.OverrideTooLong, {"until": date(DAY.year + 1, DAY.month, DAY.day) + A_DAY}),
    "the head": (overriding.SpeakerHeadsTheSchool, {"person_id": person("the head")}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_override_is_refused_with(case: str) -> None:
    """W-19, R0.3, R0.4"""
    refusal, changes = REFUSED[case]
    with pytest.raises(refusal):
        set_override([], [heads_it("the head")], replace(named(), **changes), today=TODAY)


def test_a_year_to_the_day_is_not_too_long() -> None:
    """W-19"""
    new = named(until=date(DAY.year + 1, DAY.month, DAY.day))
    assert set_override([], [], new, today=TODAY) == new


@pytest.mark.parametrize(
    ("matter", "other", "meet"),
    [("general", "inspection", False), ("both", "inspection", True), ("general", "general", True)],
)
def test_of_one_matter_there_is_one_override_on_a_day(matter: str, other: str, meet: bool) -> None:
    """R0.3: never two answers."""
    new = named("the leader", matter=matter, from_date=UNTIL - A_DAY, until=UNTIL + A_DAY, number=2)
    if meet:
        with pytest.raises(overriding.AlreadyOverridden, match="end that one first"):
            set_override([named(matter=other)], [], new, today=TODAY)
    else:
        assert set_override([named(matter=other)], [], new, today=TODAY) == new
    follows = replace(new, from_date=UNTIL)
    assert set_override([named(matter=other)], [], follows, today=TODAY) == follows


def test_it_ends_early_from_today_on_and_one_without_a_day_never_came_to_be() -> None:
    """W-19, R0.4"""
    day = DAY + 3 * A_DAY
    assert end_override(named(), day, today=day) == named(until=day)
    assert end_override(named(), DAY, today=DAY) is None
    assert end_override(named(from_date=day), day - A_DAY, today=DAY) is None


@pytest.mark.parametrize("ended_on", [TODAY - A_DAY, UNTIL, UNTIL + A_DAY])
def test_it_ends_on_no_day_that_has_gone_and_never_later_than_was_said(ended_on: date) -> None:
    """W-19, R0.4: who speaks longer is a decision of its own."""
    with pytest.raises(overriding.OverrideCantEndThen):
        end_override(named(from_date=TODAY - 2 * A_DAY), ended_on, today=TODAY)


def test_one_that_is_over_cant_end_again() -> None:
    """W-19"""
    with pytest.raises(Refusal, match="expired on 1 July 2024"):
        end_override(named(), UNTIL + A_DAY, today=UNTIL)
