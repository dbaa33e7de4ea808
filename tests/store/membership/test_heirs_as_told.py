"""What officers decided for a school is nothing to the academy that carries it on before the academy was told (R0.8)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.membership.use_cases import la_category
from services.membership.use_cases.told_preview import preview_told
from services.membership.use_cases.who_speaks import NothingRecordedThen, category_of, who_speaks
from tests.store.membership.conftest import Authority
from tests.store.membership.test_policies_and_conversion import CHANGED, LATER, NEW, OLD, OPENS, REASSIGNED, converts
from tests.store.membership.test_proposals import PUBLISHED, confirm, decline, proposing, the_proposal
from tests.store.membership.test_proposals_taken_back import take_back

__all__ = ["proposing"]
A_DAY = timedelta(days=1)


async def proposed(abbey: Authority) -> UUID:
    """An outcome of March proposes 3 for the school that is going to convert, where 2 is in force."""
    await abbey.on(PUBLISHED)
    await abbey.publish(OLD, PUBLISHED, headline=3)
    return await the_proposal(abbey)


async def category(abbey: Authority, on: date | None = None) -> int | None:
    found = await abbey.do(lambda uow: category_of(uow, NEW, on, to_the_school=True))
    value: int | None = found["category"]
    return value


async def speaks(abbey: Authority, on: date | None = None) -> dict[str, Any]:
    return await abbey.do(lambda uow: who_speaks(uow, NEW, "general", on, to_the_school=True))


async def tell(abbey: Authority) -> list[UUID]:
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, NEW, told_on=uow.today, told_by="officer"))
    return told.releases


async def nothing_is_answered(abbey: Authority, on: date | None = None) -> None:
    for asked in (speaks, category):
        with pytest.raises(NothingRecordedThen, match=f"^Nothing is recorded of who spoke for {NEW} on [0-9A-Za-z ]+$"):
            await asked(abbey, on)


async def test_the_head_of_an_academy_hears_who_speaks_first_once_it_was_told_that_an_officer_had_declined(
    proposing: Authority,
) -> None:
    """R0.8: what is in force is not what was published, so the first answer is held back, from whoever asks as well."""
    abbey = proposing
    await decline(abbey, await proposed(abbey))
    await converts(abbey)
    await nothing_is_answered(abbey, OPENS)  # nor is it answered before by what is planned
    await abbey.on(OPENS)
    for on in (None, OPENS, OPENS + A_DAY):
        await nothing_is_answered(abbey, on)
    officers = await abbey.do(lambda uow: who_speaks(uow, NEW, "general", None))
    assert officers["category"] == 2

    await abbey.on(OPENS + A_DAY)
    await nothing_is_answered(abbey)
    held = {each.correlation_id for each in await abbey.said(CHANGED, REASSIGNED, urn=NEW)}
    assert set(await tell(abbey)) == held
    told = await speaks(abbey)
    assert (told["role"], told["category"], told["valid_from"]) == (officers["role"], 2, OPENS)
    assert [await category(abbey, on) for on in (OPENS, None, LATER)] == [2, 2, 2]


async def test_an_academy_whose_first_answer_is_what_was_published_hears_it_at_once(proposing: Authority) -> None:
    """R0.8, R0.3"""
    abbey = proposing
    await confirm(abbey, await proposed(abbey))
    await converts(abbey)
    assert await category(abbey, OPENS) == 3
    await abbey.on(OPENS)
    assert (await category(abbey), (await speaks(abbey))["category"]) == (3, 3)


async def test_what_was_confirmed_for_the_school_before_and_is_taken_back_counts_for_the_academy_until_it_was_told(
    proposing: Authority,
) -> None:
    """R0.1, R0.4, R0.8: whatever of the academy changes meanwhile."""
    abbey = proposing
    first = await proposed(abbey)
    await confirm(abbey, first)
    await converts(abbey)
    await abbey.on(OPENS)
    spoke = await speaks(abbey)
    await abbey.on(LATER)
    await abbey.forget_said()
    await take_back(abbey, first)
    said = await abbey.said(CHANGED, urn=NEW)
    assert [(each.data["before"], each.data["after"], each.told) for each in said] == [(3, 2, False)]
    assert [await category(abbey, on) for on in (OPENS, LATER, LATER + A_DAY)] == [3, 3, 3]
    now = await speaks(abbey)
    assert (now["role"], now["category"], now["category_in_force"]["category"]) == (spoke["role"], 3, 3)
    # A later report gives what it knows to be in force: nothing changes for it, and nothing of the taking back shows.
    await abbey.on(LATER + A_DAY)
    await abbey.publish(NEW, LATER + A_DAY, headline=3, number="N2")
    assert await category(abbey) == 3
    assert said[0].correlation_id in await tell(abbey)
    assert await category(abbey) == 2


async def test_a_preview_shows_the_academy_what_is_taken_back_of_the_school_before(proposing: Authority) -> None:
    """R0.8"""
    abbey = proposing
    first = await proposed(abbey)
    await confirm(abbey, first)
    await converts(abbey)
    await abbey.on(LATER)
    await take_back(abbey, first)
    seen = await abbey.do(lambda uow: preview_told(uow, NEW, told_on=LATER))
    assert [each.acts for each in seen.lets_out] == [["proposal-taken-back"]]
    assert {each.what: (each.now, each.once_told) for each in seen.reads}["category in force"] == (3, 2)


async def test_what_is_confirmed_for_a_day_to_come_does_not_show_when_the_academy_asks_about_that_day(
    proposing: Authority,
) -> None:
    """R0.8: a plan is the council's own, as it is where the school was its own predecessor."""
    abbey = proposing
    await confirm(abbey, await proposed(abbey), LATER)
    await converts(abbey)
    await abbey.on(OPENS)
    await tell(abbey)
    assert [await category(abbey, on) for on in (OPENS, LATER)] == [2, 2]
    assert (await speaks(abbey, LATER))["category"] == 2
    officers = await abbey.do(lambda uow: category_of(uow, NEW, LATER))
    assert officers["category"] == 3
    await abbey.on(LATER)
    assert (await category(abbey), (await speaks(abbey))["category"]) == (3, 3)


async def test_what_was_confirmed_from_a_day_on_waits_for_the_academy_where_another_outcome_was_published_since(
    proposing: Authority,
) -> None:
    """R0.8: what was confirmed is not what is published any more, and the school before has gone."""
    abbey = proposing
    await confirm(abbey, await proposed(abbey), LATER)
    await converts(abbey)
    await abbey.on(OPENS)
    await tell(abbey)
    await abbey.publish(NEW, OPENS, headline=4, number="N2")
    await abbey.forget_said()
    await abbey.on(LATER)
    said = await abbey.said(CHANGED, urn=NEW)
    assert [(each.data["before"], each.data["after"], each.told) for each in said] == [(2, 3, False)]
    assert (await category(abbey), (await speaks(abbey))["category"]) == (2, 2)
    assert said[0].correlation_id in await tell(abbey)
    assert (await category(abbey), (await speaks(abbey))["category"]) == (3, 3)
