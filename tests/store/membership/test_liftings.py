"""The day on which an entry of the authority was lifted turns out to be another one (R0.1, R0.4, R0.8)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.la_entry import (
    EntryIsWithdrawn,
    LiftedBeforeItBegins,
    LiftingHasNotCome,
    LiftingStaysInThePast,
)
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.store import outcomes as kept
from services.membership.use_cases import la_category
from services.membership.use_cases.who_speaks import category_of
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority

URN = "900003"
JANUARY, FEBRUARY, LATER, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1)


@pytest.fixture
async def entry(abbey: Authority) -> UUID:
    """Set in January and told; it is March, and nobody has lifted it."""
    await abbey.on(JANUARY)
    made = await abbey.do(lambda uow: la_category.set_la_category(
        uow, URN, category=3, from_date=JANUARY, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    await abbey.do(lambda uow: la_category.record_school_told(uow, URN, told_on=JANUARY, told_by="officer"))
    await abbey.on(MARCH)
    return made.entry_id


async def lift(abbey: Authority, on: date) -> None:
    await abbey.do(lambda uow: la_category.lift_la_category(uow, URN, lifted_on=on, reason="Over", lifted_by="officer"))
    await abbey.forget_said()


async def correct(abbey: Authority, entry: UUID, on: date, reason: str = "A slip") -> None:
    await abbey.do(
        lambda uow: la_category.correct_lifting(uow, entry, lifted_on=on, reason=reason, corrected_by="officer")
    )


@pytest.mark.parametrize(("first", "then"), [(FEBRUARY, LATER), (LATER, FEBRUARY)])
async def test_a_lifting_on_a_wrong_day_is_put_right_and_told_as_a_correction_of_history(
    abbey: Authority, entry: UUID, first: date, then: date
) -> None:
    """R0.4: today reads as before; of the days between today's knowledge gives something else."""
    await lift(abbey, first)
    await correct(abbey, entry, then)
    assert (await abbey.do(lambda uow: kept.la_entry(uow, entry))).lifted_on == then
    (told,) = await abbey.said()
    assert (told.type, told.data["what"], told.data["from_date"], told.data["until"]) == (
        "history.corrected",
        "category-in-force",
        str(FEBRUARY),
        str(LATER),
    )
    assert not told.told  # the school has yet to hear that it was lifted at all (R0.8)
    between = await abbey.do(lambda uow: category_of(uow, URN, date(2024, 2, 10)))
    assert between["category"] == (3 if then == LATER else None)


async def test_what_cannot_be_a_correction_of_a_lifting_is_refused_with_what_to_do(
    abbey: Authority, entry: UUID
) -> None:
    with pytest.raises(LiftingHasNotCome, match="lift it on the right day"):
        await correct(abbey, entry, FEBRUARY)
    await lift(abbey, FEBRUARY)
    with pytest.raises(CorrectionNeedsReason):
        await correct(abbey, entry, LATER, " ")
    with pytest.raises(NothingToCorrect):
        await correct(abbey, entry, FEBRUARY)
    with pytest.raises(LiftingStaysInThePast, match="set it again"):
        await correct(abbey, entry, date(2024, 4, 1))
    with pytest.raises(LiftedBeforeItBegins):
        await correct(abbey, entry, JANUARY)
    await abbey.do(lambda uow: la_category.withdraw_la_category(uow, entry, reason="Never", withdrawn_by="officer"))
    with pytest.raises(EntryIsWithdrawn):
        await correct(abbey, entry, LATER)


async def test_an_entry_is_not_lifted_without_a_reason(ask: Ask, abbey: Authority, entry: UUID) -> None:
    assert (await ask(f"/schools/{URN}/la-category/lift", OFFICER, {})).status_code == 422
    assert (await ask(f"/schools/{URN}/la-category/lift", OFFICER, {"reason": "Over"})).status_code == 200
