"""A lifting that still lies ahead is taken back: the entry stands on, and is asked about again (R0.1, R0.4, R0.8)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.la_entry import EntryIsWithdrawn, LiftingHasCome, NothingToTakeBack
from services.membership.domain.office import CorrectionNeedsReason
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import la_category
from services.membership.use_cases.explain import explain
from services.membership.use_cases.liftings import take_lifting_back
from services.membership.use_cases.who_speaks import category_of
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority

URN = "900003"
JANUARY, MARCH, APRIL, MAY, JUNE = (date(2024, month, 1) for month in (1, 3, 4, 5, 6))
A_REPORT = date(2024, 4, 20)


@pytest.fixture
async def entry(abbey: Authority) -> UUID:
    """Set in January, to be reviewed in April, and told; in March it is lifted for June, by mistake."""
    await abbey.on(JANUARY)
    made = await abbey.do(lambda uow: la_category.set_la_category(
        uow, URN, category=3, from_date=JANUARY, reason="Why", review_on=APRIL, set_by="officer"
    ))  # fmt: skip
    await abbey.do(lambda uow: la_category.record_school_told(uow, URN, told_on=JANUARY, told_by="officer"))
    await abbey.on(MARCH)
    await lift(abbey)
    return made.entry_id


async def lift(abbey: Authority, on: date = JUNE) -> None:
    await abbey.do(lambda uow: la_category.lift_la_category(uow, URN, lifted_on=on, reason="Over", lifted_by="officer"))
    await abbey.forget_said()


async def take_back(abbey: Authority, entry: UUID, reason: str = "The wrong school") -> None:
    await abbey.do(lambda uow: take_lifting_back(uow, entry, reason=reason, taken_back_by="officer"))


async def in_force(abbey: Authority, on: date) -> int | None:
    found = await abbey.do(lambda uow: category_of(uow, URN, on))
    category: int | None = found["category"]
    return category


async def asked(abbey: Authority) -> list[tuple[str, date]]:
    found: list[dict[str, Any]] = await abbey.do(lambda uow: reviews_in(uow, "937", only_open=True))
    return [(each["cause"], each["cause_on"]) for each in found]


async def answers(abbey: Authority, known: date) -> list[str]:
    """What an explanation says of the question of the review date."""
    found = await abbey.do(lambda uow: explain(uow, URN, APRIL, known=known))
    return [each.says.split(": ")[1] for each in found["steps"] if each.says.startswith("Asked")]


async def test_an_entry_stands_on_when_its_lifting_is_taken_back_and_nobody_hears_of_either(
    abbey: Authority, entry: UUID
) -> None:
    """R0.4, R0.8: nobody outside had heard of a lifting that was to come."""
    assert await in_force(abbey, JUNE) is None
    await take_back(abbey, entry)
    assert await in_force(abbey, JUNE) == 3
    assert await abbey.said() == []
    await abbey.on(JUNE)
    assert await in_force(abbey, JUNE) == 3
    assert await abbey.said("la-category.lifted") == []
    then = await abbey.do(lambda uow: explain(uow, URN, JUNE, known=MARCH))
    assert then["category"]["category"] == 3  # of two decisions of one day the later


async def test_what_was_to_be_lifted_is_known_as_that_on_the_days_before_it_was_taken_back(
    abbey: Authority, entry: UUID
) -> None:
    """R0.4: what is known today rewrites nothing that was known then."""
    await abbey.on(APRIL)
    await take_back(abbey, entry)
    for known, category in ((MARCH, None), (APRIL, 3)):
        then = await abbey.do(lambda uow, known=known: explain(uow, URN, JUNE, known=known))  # type: ignore[misc]
        assert then["category"]["category"] == category


async def test_a_review_date_that_is_still_to_come_asks_after_the_lifting_was_taken_back(
    abbey: Authority, entry: UUID
) -> None:
    """R0.1"""
    await take_back(abbey, entry)
    await abbey.on(APRIL)
    assert await asked(abbey) == [("review-date", APRIL)]


async def test_what_came_while_an_entry_was_to_be_lifted_is_asked_about_once_it_is_not(
    abbey: Authority, entry: UUID
) -> None:
    """R0.1: its review date, and a later outcome."""
    await abbey.on(A_REPORT)
    await abbey.publish(URN, A_REPORT, headline=2)
    await abbey.on(MAY)
    assert await asked(abbey) == []
    await abbey.forget_said()
    await take_back(abbey, entry)
    assert await asked(abbey) == [("outcome", A_REPORT), ("review-date", APRIL)]
    assert {(each.type, each.told) for each in await abbey.said()} == {("la-category.review-due", False)}


async def test_an_outcome_that_was_known_when_the_entry_was_made_asks_nobody_when_its_lifting_is_taken_back(
    abbey: Authority,
) -> None:
    """R0.1"""
    await abbey.on(MARCH)
    await abbey.publish(URN, MARCH, headline=2)
    await abbey.on(APRIL)
    made = await abbey.do(lambda uow: la_category.set_la_category(
        uow, URN, category=3, from_date=JANUARY, reason="Why", review_on=JUNE, set_by="officer"
    ))  # fmt: skip
    await lift(abbey)
    await take_back(abbey, made.entry_id)
    assert await asked(abbey) == []


async def test_a_question_that_was_answered_by_a_lifting_is_open_again_and_can_be_answered_otherwise(
    abbey: Authority, entry: UUID
) -> None:
    """R0.1"""
    await take_back(abbey, entry)
    await abbey.on(APRIL)
    await lift(abbey)
    assert await asked(abbey) == []
    await take_back(abbey, entry)
    assert await asked(abbey) == [("review-date", APRIL)]
    assert await answers(abbey, APRIL) == ["lifted on 1 April 2024 by officer, which was taken back"]
    await abbey.on(MAY)
    await abbey.do(lambda uow: la_category.keep_la_category(
        uow, entry, review_on=JUNE, reason="As it was", kept_by="officer"
    ))  # fmt: skip
    assert await asked(abbey) == []
    (answered,) = await abbey.do(lambda uow: reviews_in(uow, "937", only_open=False))
    assert answered["answer"] == "kept"
    taken_back = "lifted on 1 April 2024 by officer, which was taken back"
    assert await answers(abbey, APRIL) == [taken_back]
    assert await answers(abbey, MAY) == [taken_back, "kept on 1 May 2024 by officer"]
    await lift(abbey, MAY)
    assert await asked(abbey) == []


async def test_what_cannot_be_taken_back_is_refused_with_what_to_do(abbey: Authority, entry: UUID) -> None:
    with pytest.raises(CorrectionNeedsReason):
        await take_back(abbey, entry, " ")
    await take_back(abbey, entry)
    with pytest.raises(NothingToTakeBack):
        await take_back(abbey, entry)
    await lift(abbey, APRIL)
    await abbey.on(APRIL)
    with pytest.raises(LiftingHasCome, match="set it again"):
        await take_back(abbey, entry)
    await abbey.do(lambda uow: la_category.withdraw_la_category(uow, entry, reason="Never", withdrawn_by="officer"))
    with pytest.raises(EntryIsWithdrawn):
        await take_back(abbey, entry)


async def test_an_officer_takes_a_lifting_back_with_a_reason(ask: Ask, abbey: Authority, entry: UUID) -> None:
    address = f"/la-category/{entry}/take-lifting-back"
    assert (await ask(address, OFFICER, {})).status_code == 422
    done = await ask(address, OFFICER, {"reason": "The wrong school"})
    assert (done.status_code, done.json()["entry_id"], done.json()["review_on"]) == (200, str(entry), str(APRIL))


async def test_whoever_lifts_it_after_all_has_answered_and_not_she_whose_lifting_was_taken_back(
    abbey: Authority, entry: UUID
) -> None:
    """R0.4"""
    await take_back(abbey, entry)
    await abbey.on(APRIL)
    await lift(abbey)
    await take_back(abbey, entry)
    await abbey.on(MAY)
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, URN, lifted_on=MAY, reason="Over", lifted_by="another")
    )
    assert await asked(abbey) == []
    assert (await answers(abbey, MAY))[-1] == "lifted on 1 May 2024 by another"


async def test_a_day_on_which_it_was_once_to_be_lifted_hides_no_lifting_that_came_and_was_told(
    abbey: Authority, entry: UUID
) -> None:
    """R0.8: not even before that day is turned."""
    await take_back(abbey, entry)
    await abbey.on(APRIL)
    await lift(abbey, APRIL)
    await abbey.do(lambda uow: la_category.record_school_told(uow, URN, told_on=APRIL, told_by="officer"))
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", JUNE))
    found = await abbey.do(lambda uow: category_of(uow, URN, JUNE, to_the_school=True))
    assert found["category"] is None
