"""The 34 categories of concern and the 187 outcomes under a predecessor's number, each told right: on its day, and late.

Live, every outcome is news on the day of its publication. Late, all of them come years afterwards in Ofsted's file: what they
change of today is told, and of the days that have gone as a correction. What must be told is worked out apart (telling.py).
"""

from collections import Counter
from datetime import date

import pytest

from infra.demo.registers import GO_LIVE
from infra.demo.replay import LAST_DAY
from tests.replay import files, past, telling
from tests.replay.lived import Lived
from tests.replay.telling import Told
from tests.replay.test_continuity import Concern, concerns, under_another_urn

pytestmark = pytest.mark.timeout(600)  # the first test waits for the whole past

OUTCOME, CATEGORY, SPEAKS, CORRECTED = (
    *("outcome.published", "category-in-force.changed", "representation.reassigned", "history.corrected"),
)


def concerned(urn: str) -> list[str]:
    """A school and those that continue it, in order."""
    return sorted({urn, *(each for each in files.register() if urn in files.behind(each))})


def right_story(number: str, urn_then: str) -> list[Told]:
    """What must be told in the story of one graded inspection, school by school."""
    return [
        told
        for urn in concerned(urn_then)
        for step in telling.lived(urn, LAST_DAY)
        if step.outcome is not None and step.outcome.inspection == (number, "graded")
        for told in step.told
    ]


@pytest.mark.parametrize("event", concerns(), ids=lambda event: f"{event.urn_then}-{event.published}")
async def test_a_category_of_concern_is_told_on_its_day_to_whom_it_concerns_and_nobody_else(
    lived: Lived, event: Concern
) -> None:
    """W-18, W-19, W-20, D3.11: the report, the category that follows, and who speaks now if that is another."""
    story = lived.of_story[lived.stories[event.number, "graded"]]
    assert story == right_story(event.number, event.urn_then)
    first = story[0]
    assert (first.urn, first.what, first.said[4], first.said[7]) == (event.urn_then, OUTCOME, event.concern, 4)
    changed = [each.said[1:4] for each in story if each.what == CATEGORY]
    assert changed in ([], [(4, "outcome", event.number)])  # it may have been in Category 4 before


async def test_of_the_34_these_were_told_of_another_speaker(lived: Lived) -> None:
    """R0.3: in Bristol nobody, since a category moves nobody there."""
    told: Counter[tuple[str, str, str]] = Counter()
    for event in concerns():
        moved = [each for each in lived.of_story[lived.stories[event.number, "graded"]] if each.what == SPEAKS]
        assert len(moved) <= 1
        for each in moved:
            (before, _), (after, _) = each.said[:2]
            assert before.body == str(_lead_body(each.urn))  # the chair of its own body spoke until then
            told[files.register()[each.urn].authority, before.role, after.role] += 1
    assert told == TOLD_OF_ANOTHER


def _lead_body(urn: str) -> object:
    place = past.place_of(urn)
    body = past.invented.lead_body(place) if place is not None else None
    return body.id if body is not None else None


TOLD_OF_ANOTHER = Counter({("937", "chair", "duty-desk"): 9, ("937", "chair", "trust"): 7})


async def test_each_of_the_187_is_told_of_the_school_that_was_inspected_and_again_when_another_inherits_it(
    lived: Lived,
) -> None:
    """D3.11, R0.1"""
    followed: Counter[str] = Counter()
    for each in under_another_urn():
        story = lived.of_story[lived.stories[each.number, each.kind]]
        first = story[0]
        assert (first.urn, first.what, first.said[:3]) == (each.urn_then, OUTCOME, (each.number, each.kind, None))
        opening = [told for told in lived.of_school[each.urn] if told.what == CATEGORY and told.said[0] is None][:1]
        inherits = [told for told in opening if told.said[2:4] == ("inherited", each.number)]
        followed["inherited from the first day" if inherits else "nothing at the opening"] += 1
    assert followed == FOLLOWED


FOLLOWED = Counter({"inherited from the first day": 99, "nothing at the opening": 88})


async def test_of_every_school_exactly_what_must_be_told_is_told_and_in_that_order(lived: Lived) -> None:
    """W-20, D3.10, D3.11: nineteen years of outcomes, openings, conversions and closings; no correction, since none was late."""
    wrong = []
    for urn in files.register():
        right = [told for step in telling.lived(urn, LAST_DAY) for told in step.told]
        if lived.of_school.get(urn, []) != right:
            wrong.append((urn, lived.of_school.get(urn, []), right))
    assert wrong == []
    told = Counter(told.what for of_school in lived.of_school.values() for told in of_school)
    assert told == TOLD


TOLD = Counter({OUTCOME: 949, CATEGORY: 738, SPEAKS: 503})


async def test_learned_late_from_the_file_every_school_is_told_of_today_and_corrected_for_the_days_between(
    learned_late: Lived,
) -> None:
    """D3.10, D3.11: the 34 and the 187 among them. What is from before the product is told of today as state and no news."""
    wrong = []
    for urn in files.register().keys() - BY_LISTING_ALONE:
        right = [told for step in telling.learned_late(urn, LAST_DAY, GO_LIVE) for told in step.told]
        if learned_late.of_school.get(urn, []) != right:
            wrong.append((urn, learned_late.of_school.get(urn, []), right))
    assert wrong == []
    told = Counter(told.what for of_school in learned_late.of_school.values() for told in of_school)
    assert told >= TOLD_LATE


TOLD_LATE = Counter({CORRECTED: 600, CATEGORY: 477, SPEAKS: 360, OUTCOME: 240})
# Its end follows from no link, only from the list with which its last inspection came: that day is not worked out here.
BY_LISTING_ALONE = {"134536"}


@pytest.mark.parametrize("event", concerns(), ids=lambda event: f"{event.urn_then}-{event.published}")
async def test_a_category_of_concern_that_comes_late_corrects_the_days_since_its_publication(
    learned_late: Lived, event: Concern
) -> None:
    """R0.4: until the next outcome of that school, or until it closed."""
    spans = [told.said for told in learned_late.of_school[event.urn_then] if told.what == CORRECTED]
    assert any(since <= event.published < until for what, since, until in spans if what == "category-in-force")


def test_the_past_has_every_school_under_whose_number_an_outcome_is_listed() -> None:
    assert len(past.edition()) == 123
    assert {each.urn_then for each in under_another_urn()} == set(past.edition())
    assert past.BEGIN < min(each.published for each in under_another_urn()) < date(2007, 9, 1)
