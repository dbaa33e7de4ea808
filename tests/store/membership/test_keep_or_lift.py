"""Keep or lift: an officer is asked once a cause, and the entry stands until she answers (R0.1)."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.la_entry import ReviewBeforeStart, UnknownEntry
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.domain.review import AskedAlready, LiftedAlready, NothingAsked, ReviewNotLater, WhyKept
from services.membership.domain.school import Status
from services.membership.store.facts import facts_of
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import la_category
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.reviews import EntryKept, ReviewCorrected
from services.membership.use_cases.turn_days import turn_days
from services.membership.use_cases.who_speaks import category_of
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.store.membership.conftest import Authority, line

SCHOOL = "900003"
SET, REVIEW = date(2024, 3, 1), date(2024, 9, 2)
ASKED = "la-category.review-due"


async def set_entry(abbey: Authority, *, on: date = SET, review: date | None = REVIEW, urn: str = SCHOOL) -> UUID:
    made = await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, urn, category=4, from_date=on, reason="A visit", review_on=review, set_by="officer"
        )
    )
    return made.entry_id


@pytest.fixture
async def entered(abbey: Authority) -> tuple[Authority, UUID]:
    """The authority has its own category for the school since March, to be reviewed in September."""
    await abbey.on(SET)
    return abbey, await set_entry(abbey)


async def keep(
    abbey: Authority, entry_id: UUID, review_on: date = date(2025, 9, 1), reason: str = "As it was"
) -> EntryKept:
    return await abbey.do(
        lambda uow: la_category.keep_la_category(
            uow, entry_id, review_on=review_on, reason=reason, kept_by="ms officer"
        )
    )


async def lift(abbey: Authority, on: date) -> None:
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, SCHOOL, lifted_on=on, reason="Over", lifted_by="ms officer")
    )


async def listed(abbey: Authority, *, only_open: bool = True) -> list[dict[str, Any]]:
    return await abbey.do(lambda uow: reviews_in(uow, "937", only_open=only_open))


async def in_force(abbey: Authority, on: date) -> int | None:
    found = await abbey.do(lambda uow: category_of(uow, SCHOOL, on))
    category: int | None = found["category"]
    return category


async def test_on_the_review_date_an_officer_is_asked_once_and_the_entry_stands(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.8"""
    abbey, entry_id = entered
    await abbey.on(date(2024, 9, 1))
    assert await listed(abbey) == []
    await abbey.forget_said()
    await abbey.on(REVIEW)
    (said,) = await abbey.said()
    assert (said.type, said.sensitivity, said.told) == (ASKED, "restricted", False)
    assert set(said.data) == {"review_id", "entry_id", "urn"}
    await abbey.on(date(2024, 9, 12))
    (asked,) = await listed(abbey)
    assert (asked["entry_id"], asked["cause"], asked["asked_on"], asked["days"]) == (
        entry_id,
        "review-date",
        REVIEW,
        10,
    )
    assert await in_force(abbey, date(2024, 9, 12)) == 4
    assert len(await abbey.said(ASKED)) == 1


async def test_a_review_date_that_came_while_the_service_was_down_is_asked_once_when_it_is_up(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, D3.10: as of the day on which it came."""
    abbey, _ = entered
    await abbey.on(date(2024, 10, 1))
    await abbey.on(date(2024, 10, 2))
    assert [(each["asked_on"], each["days"]) for each in await listed(abbey)] == [(REVIEW, 30)]


async def test_an_entry_that_is_recorded_after_its_review_date_is_asked_about_at_once(abbey: Authority) -> None:
    """R0.1: the officer enters in 2025 what was decided in 2023."""
    await abbey.on(date(2025, 1, 10))
    await set_entry(abbey, on=date(2023, 10, 1), review=None)
    while await abbey.do(turn_days):
        pass
    assert [each["cause_on"] for each in await listed(abbey)] == [date(2024, 10, 1)]


async def test_a_kept_entry_is_asked_about_again_on_its_new_review_date(entered: tuple[Authority, UUID]) -> None:
    """R0.1"""
    abbey, entry_id = entered
    await abbey.on(REVIEW)
    kept = await keep(abbey, entry_id)
    assert (kept.review_on, len(kept.answered)) == (date(2025, 9, 1), 1)
    assert await listed(abbey) == []
    await abbey.on(date(2025, 9, 1))
    assert [each["cause_on"] for each in await listed(abbey)] == [date(2025, 9, 1)]
    assert await in_force(abbey, date(2025, 9, 1)) == 4
    # What was known before the decision is still known as it was then (R0.4).
    then = (await abbey.do(partial(facts_of, schools=[SCHOOL], known=date(2024, 9, 1))))[SCHOOL].entries[0]
    now = (await abbey.do(partial(facts_of, schools=[SCHOOL])))[SCHOOL].entries[0]
    assert (then.review_on, now.review_on) == (REVIEW, date(2025, 9, 1))


async def test_a_review_date_that_came_while_the_school_was_closed_is_asked_once_it_is_open_again_and_no_second_time(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: of a closed school there is nothing to decide."""
    abbey, entry_id = entered
    await abbey.on(date(2024, 8, 1))
    closed = line(SCHOOL, date(2024, 8, 1), status=Status.CLOSED, closed_on=date(2024, 8, 1))
    await abbey.do(lambda uow: keep_schools(uow, [closed]))
    await abbey.on(date(2024, 9, 20))
    assert await listed(abbey, only_open=False) == []
    for as_at in (date(2024, 10, 1), date(2024, 10, 2)):
        await abbey.on(as_at)
        await abbey.do(lambda uow, as_at=as_at: keep_schools(uow, [line(SCHOOL, as_at)]))  # type: ignore[misc]
        await abbey.on(as_at)
    (asked,) = await listed(abbey)
    assert (asked["entry_id"], asked["cause_on"], asked["asked_on"]) == (entry_id, REVIEW, date(2024, 10, 1))
    (said,) = await abbey.said(ASKED)
    assert (said.sensitivity, said.told) == ("restricted", False)
    await keep(abbey, entry_id)


CLOSED, CAME, AGAIN = date(2024, 4, 10), date(2024, 4, 20), date(2024, 5, 10)


async def closed(abbey: Authority) -> None:
    await abbey.on(CLOSED)
    gone = line(SCHOOL, CLOSED, status=Status.CLOSED, closed_on=CLOSED)
    await abbey.do(lambda uow: keep_schools(uow, [gone]))
    await abbey.on(CAME)


async def open_again(abbey: Authority, *, as_at: date = AGAIN) -> None:
    """By an edition of that day, which is read when the school is known to be closed for a month."""
    await abbey.on(AGAIN)
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, as_at)]))
    await abbey.on(AGAIN)


@pytest.mark.parametrize("as_at", [AGAIN, date(2024, 4, 15)], ids=["since today", "since before the outcome came"])
async def test_an_outcome_that_came_while_the_school_was_closed_is_asked_about_once_it_is_open_again_and_no_second_time(
    entered: tuple[Authority, UUID], as_at: date
) -> None:
    """R0.1: of a closed school there is nothing to decide; also where a later edition has it open since then."""
    abbey, entry_id = entered
    await closed(abbey)
    await abbey.publish(SCHOOL, CAME, headline=2, number="N1")
    assert await listed(abbey, only_open=False) == []
    await open_again(abbey, as_at=as_at)
    (asked,) = await listed(abbey)
    assert (asked["entry_id"], asked["cause"], asked["cause_ref"], asked["asked_on"]) == (
        entry_id,
        "outcome",
        "N1",
        AGAIN,
    )
    (said,) = await abbey.said(ASKED)
    assert (said.sensitivity, said.told) == ("restricted", False)
    await keep(abbey, entry_id)
    await abbey.on(date(2024, 5, 11))
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, date(2024, 5, 11), phase="Secondary")]))
    assert await listed(abbey) == []


async def test_two_outcomes_of_one_day_are_asked_about_as_one(entered: tuple[Authority, UUID]) -> None:
    """R0.1: one inspection that was entered under a mistyped number stands twice until somebody puts that right."""
    abbey, _ = entered
    await closed(abbey)
    for number in ("N1", "N2"):
        await abbey.publish(SCHOOL, CAME, headline=2, number=number)
    await open_again(abbey)
    assert (len(await listed(abbey)), len(await abbey.said(ASKED))) == (1, 1)


async def test_an_outcome_that_was_known_when_the_entry_was_made_asks_nobody_when_the_school_opens_again(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: an officer has entered hers, for days before the closing, in spite of it; of the older one she is asked."""
    abbey, first = entered
    await closed(abbey)
    await abbey.publish(SCHOOL, CAME, headline=2, number="N1")
    await abbey.on(date(2024, 4, 30))
    await set_entry(abbey, on=date(2024, 4, 5))
    await open_again(abbey)
    assert [each["entry_id"] for each in await listed(abbey)] == [first]


async def test_an_outcome_that_was_withdrawn_before_the_school_opens_again_asks_nobody(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1"""
    abbey, _ = entered
    await closed(abbey)
    await abbey.publish(SCHOOL, CAME, headline=2, number="N1")
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Wrong", withdrawn_by="officer"))
    await open_again(abbey)
    assert await listed(abbey, only_open=False) == []


async def test_lifting_answers_the_question(entered: tuple[Authority, UUID]) -> None:
    """R0.1"""
    abbey, entry_id = entered
    await abbey.on(REVIEW)
    await lift(abbey, REVIEW)
    assert [(each["answer"], each["answered_by"]) for each in await listed(abbey, only_open=False)] == [
        ("lifted", "ms officer")
    ]
    with pytest.raises(LiftedAlready):
        await keep(abbey, entry_id)


async def test_an_entry_that_was_lifted_before_its_review_date_asks_nobody(entered: tuple[Authority, UUID]) -> None:
    abbey, _ = entered
    await abbey.on(date(2024, 8, 1))
    await lift(abbey, date(2024, 8, 1))
    await abbey.on(REVIEW)
    assert await listed(abbey, only_open=False) == []


async def test_a_later_outcome_asks_too_and_one_answer_closes_both_questions(entered: tuple[Authority, UUID]) -> None:
    """R0.1"""
    abbey, entry_id = entered
    await abbey.on(date(2024, 8, 20))
    await abbey.forget_said()
    (recorded,) = await abbey.publish(SCHOOL, date(2024, 8, 20), headline=2, number="N1")
    assert [(each["cause"], each["cause_ref"]) for each in await listed(abbey)] == [("outcome", "N1")]
    (said,) = await abbey.said(ASKED)
    assert said.correlation_id == recorded.correlation_id
    assert await in_force(abbey, date(2024, 8, 20)) == 4
    # The same outcome in a later file, and a correction of its grade, ask no second time.
    await abbey.publish(SCHOOL, date(2024, 8, 20), headline=2, number="N1")
    await abbey.publish(SCHOOL, date(2024, 8, 20), headline=3, number="N1")
    await abbey.on(REVIEW)
    assert [each["cause"] for each in await listed(abbey)] == ["outcome", "review-date"]
    assert len((await keep(abbey, entry_id)).answered) == 2
    assert await listed(abbey) == []


async def test_an_outcome_from_before_the_entry_and_one_that_says_nothing_ask_nobody(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: a monitoring visit changes nothing."""
    abbey, _ = entered
    await abbey.on(date(2024, 4, 10))
    await abbey.publish(SCHOOL, date(2024, 2, 10), headline=3)
    await abbey.publish(SCHOOL, date(2024, 4, 10), headline=3, kind="ungraded")
    await abbey.publish("900004", date(2024, 4, 10), headline=3)
    assert await listed(abbey) == []


async def test_an_outcome_of_the_day_on_which_the_entry_begins_asks_where_it_was_recorded_later(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.4: of one day the later is what was recorded later. The month's file has it weeks after she entered hers."""
    abbey, _ = entered
    await abbey.on(date(2024, 3, 20))
    await abbey.publish(SCHOOL, SET, headline=2, number="N1")
    assert [(each["cause"], each["cause_ref"]) for each in await listed(abbey)] == [("outcome", "N1")]


async def test_an_outcome_of_that_day_which_was_known_when_the_entry_was_made_asks_nobody(abbey: Authority) -> None:
    """R0.1: not even where a later file gives it another grade."""
    await abbey.on(SET)
    await abbey.publish(SCHOOL, SET, headline=2, number="N1")
    await abbey.on(date(2024, 3, 5))
    await set_entry(abbey, on=SET)
    await abbey.on(date(2024, 3, 20))
    await abbey.publish(SCHOOL, SET, headline=3, number="N1")
    assert await listed(abbey) == []


async def test_an_outcome_of_a_predecessor_asks_where_it_is_inherited(abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(SET)
    await set_entry(abbey, urn="900011")
    await abbey.on(date(2024, 4, 10))
    await abbey.publish("900011", date(2024, 4, 10), headline=3, inspected="900004", number="N1")
    assert [(each["urn"], each["cause_ref"]) for each in await listed(abbey)] == [("900011", "N1")]


async def test_by_an_outcome_that_is_withdrawn_nobody_is_asked_any_more(entered: tuple[Authority, UUID]) -> None:
    """R0.1: there is no later outcome then, and the review date asks by itself."""
    abbey, entry_id = entered
    await abbey.on(date(2024, 4, 10))
    await abbey.publish(SCHOOL, date(2024, 4, 10), headline=2, number="N1")
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Wrong", withdrawn_by="officer"))
    assert await listed(abbey) == []
    with pytest.raises(NothingAsked):
        await keep(abbey, entry_id)


async def test_keeping_needs_a_question_a_reason_and_a_later_date(entered: tuple[Authority, UUID]) -> None:
    abbey, entry_id = entered
    with pytest.raises(NothingAsked):
        await keep(abbey, entry_id)
    await abbey.on(REVIEW)
    with pytest.raises(ReviewNotLater):
        await keep(abbey, entry_id, REVIEW)
    with pytest.raises(WhyKept):
        await keep(abbey, entry_id, reason=" ")
    with pytest.raises(UnknownEntry):
        await keep(abbey, new_id())
    assert len(await listed(abbey)) == 1


async def test_the_desk_lists_the_question_and_an_explanation_says_what_was_answered(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.4"""
    abbey, entry_id = entered
    await abbey.on(date(2024, 9, 6))
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    (item,) = [each for each in queue["items"] if each["kind"] == "keep-or-lift"]
    assert (item["entry_id"], item["since"], item["days"]) == (entry_id, REVIEW, 4)
    assert "lift" in item["cure"]
    await keep(abbey, entry_id)

    async def steps(uow: UnitOfWork, known: date) -> list[str]:
        found = await explain(uow, SCHOOL, known, known)
        return [each.says for each in found["steps"] if each.about == "keep or lift"]

    assert await abbey.do(partial(steps, known=REVIEW)) == []
    assert await abbey.do(partial(steps, known=date(2024, 9, 6))) == [
        "Asked to keep or lift it, since its review date has come: kept on 6 September 2024 by ms officer",
        "Kept: As it was (review 1 September 2025; ms officer)",
    ]


async def correct(abbey: Authority, entry_id: UUID, on: date, reason: str = "The year was wrong") -> ReviewCorrected:
    return await abbey.do(
        lambda uow: la_category.correct_review(uow, entry_id, review_on=on, reason=reason, corrected_by="ms officer")
    )


async def test_a_review_date_with_a_slip_is_corrected_and_asked_on_the_right_day_alone(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.4: until when it was kept; and nobody is told of it."""
    abbey, entry_id = entered
    await abbey.on(REVIEW)
    await keep(abbey, entry_id, date(2052, 9, 1))
    await abbey.on(date(2024, 9, 20))
    await abbey.forget_said()
    corrected = await correct(abbey, entry_id, date(2025, 9, 1))
    assert (corrected.entry_id, corrected.review_on) == (entry_id, date(2025, 9, 1))
    assert await abbey.said() == []
    then = (await abbey.do(partial(facts_of, schools=[SCHOOL], known=REVIEW)))[SCHOOL].entries[0]
    now = (await abbey.do(partial(facts_of, schools=[SCHOOL])))[SCHOOL].entries[0]
    assert (then.review_on, now.review_on) == (date(2052, 9, 1), date(2025, 9, 1))
    await abbey.on(date(2025, 9, 1))
    assert [each["cause_on"] for each in await listed(abbey)] == [date(2025, 9, 1)]
    found = await abbey.do(lambda uow: explain(uow, SCHOOL, uow.today, uow.today))
    assert "Review date corrected: The year was wrong (review 1 September 2025; ms officer)" in [
        each.says for each in found["steps"]
    ]


async def test_the_review_date_of_the_entry_itself_is_put_off_and_the_wrong_day_asks_nobody(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1"""
    abbey, entry_id = entered
    await correct(abbey, entry_id, date(2024, 10, 1))
    await abbey.on(date(2024, 9, 30))
    assert await listed(abbey) == []
    await correct(abbey, entry_id, date(2024, 10, 2), "And once more")
    await correct(abbey, entry_id, date(2024, 10, 1), "It was right")
    await abbey.on(date(2024, 10, 5))
    assert [each["cause_on"] for each in await listed(abbey)] == [date(2024, 10, 1)]


async def test_a_review_date_is_not_corrected_while_somebody_is_asked_or_to_a_day_that_can_not_be(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: whoever is asked keeps the entry until the right day."""
    abbey, entry_id = entered
    await abbey.on(date(2024, 8, 1))
    with pytest.raises(NothingToCorrect):
        await correct(abbey, entry_id, REVIEW)
    with pytest.raises(ReviewNotLater):
        await correct(abbey, entry_id, date(2024, 8, 1))
    with pytest.raises(ReviewBeforeStart):
        await correct(abbey, entry_id, SET)
    with pytest.raises(CorrectionNeedsReason):
        await correct(abbey, entry_id, date(2024, 10, 1), " ")
    with pytest.raises(UnknownEntry):
        await correct(abbey, new_id(), date(2024, 10, 1))
    await abbey.on(REVIEW)
    with pytest.raises(AskedAlready, match="keep it until the right day"):
        await correct(abbey, entry_id, date(2024, 10, 1))
    await lift(abbey, REVIEW)
    with pytest.raises(LiftedAlready):
        await correct(abbey, entry_id, date(2024, 10, 1))
