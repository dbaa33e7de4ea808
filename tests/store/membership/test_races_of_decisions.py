"""Two officers, or an officer and a day or an outcome, decide at one moment: one outcome each (D3.1, R0.1)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from services.membership.domain.proposal import NoLongerOpen
from services.membership.domain.review import LiftedAlready, NothingAsked
from services.membership.store.proposals import proposals_in
from services.membership.store.reviews import reviews_in
from services.membership.use_cases.proposals import confirm_proposal
from services.membership.use_cases.turn_days import turn_days
from shared.refusal import Refusal
from tests.store.membership.conftest import Authority
from tests.store.membership.test_keep_or_lift import in_force as entry_in_force
from tests.store.membership.test_keep_or_lift import keep, lift, set_entry
from tests.store.membership.test_proposals import BEGINS, CHANGED, adopt, confirm, in_force, listed

SCHOOL, ROUNDS = "900003", 10
Act = Callable[[], Awaitable[object]]


async def at_once(turn: int, *acts: Act) -> list[object]:
    """The acts start together, give or take: a little earlier or later each time. A refusal is an answer."""

    async def late(steps: int, act: Act) -> object:
        for _ in range(steps):
            await asyncio.sleep(0)
        try:
            return await act()
        except Refusal as refusal:
            return refusal

    return await asyncio.gather(*(late((turn * (place + 1)) % 7, act) for place, act in enumerate(acts)))


async def test_confirmed_twice_at_once_it_is_confirmed_once(abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(BEGINS)
    await adopt(abbey, "propose", BEGINS)
    for turn in range(ROUNDS):
        day = BEGINS + timedelta(days=turn + 1)
        await abbey.on(day)
        await abbey.publish(SCHOOL, day, headline=1 + turn % 4)
        (one,) = await listed(abbey)
        await abbey.forget_said()
        both = [partial(confirm, abbey, one["proposal_id"])] * 2
        answers = await at_once(turn, *both)
        assert sorted(isinstance(each, NoLongerOpen) for each in answers) == [False, True]
        assert len(await abbey.said(CHANGED)) == 1
        assert await in_force(abbey, day) == 1 + turn % 4


async def test_confirmed_while_a_later_outcome_comes_either_is_confirmed_or_taken_over_and_the_later_is_open(
    abbey: Authority,
) -> None:
    """R0.1"""
    await abbey.on(BEGINS)
    await adopt(abbey, "propose", BEGINS)
    for turn in range(ROUNDS):
        day = BEGINS + timedelta(days=2 * turn + 1)
        before = await in_force(abbey, day)
        await abbey.on(day)
        first, second = [grade for grade in (1, 2, 3, 4) if grade != before][:2]
        await abbey.publish(SCHOOL, day, headline=first)
        (one,) = await listed(abbey)
        later = day + timedelta(days=1)
        await abbey.on(later)
        answers = await at_once(
            turn,
            partial(confirm, abbey, one["proposal_id"]),
            partial(abbey.publish, SCHOOL, later, headline=second),
        )
        refused = isinstance(answers[0], NoLongerOpen)
        ended = {
            each["proposal_id"]: each["ended"]
            for each in await abbey.do(lambda uow: proposals_in(uow, "937", only_open=False))
        }
        assert ended[one["proposal_id"]] == ("superseded" if refused else "confirmed")
        assert await in_force(abbey, later) == (before if refused else first)
        (left,) = await listed(abbey)
        assert left["proposed_category"] == second
        await abbey.do(
            lambda uow, left=left: confirm_proposal(  # type: ignore[misc]
                uow, left["proposal_id"], from_date=None, confirmed_by="officer"
            )
        )


async def answers_of(abbey: Authority, entry_id: UUID) -> list[str | None]:
    rows = await abbey.do(lambda uow: reviews_in(uow, "937", only_open=False))
    return [row["answer"] for row in rows if row["entry_id"] == entry_id]


async def test_kept_and_lifted_at_once_the_question_has_one_answer_and_the_entry_is_lifted(abbey: Authority) -> None:
    """R0.1"""
    for turn in range(ROUNDS):
        day, review = date(2024, 3, 1) + timedelta(days=3 * turn), date(2024, 3, 2) + timedelta(days=3 * turn)
        await abbey.on(day)
        entry_id = await set_entry(abbey, on=day, review=review)
        await abbey.on(review)
        answers = await at_once(turn, partial(keep, abbey, entry_id), partial(lift, abbey, review))
        assert not isinstance(answers[1], Refusal)
        refused = isinstance(answers[0], LiftedAlready | NothingAsked)
        assert await answers_of(abbey, entry_id) == ["lifted" if refused else "kept"]
        assert await entry_in_force(abbey, review) is None


async def test_lifted_while_the_review_date_comes_nothing_is_left_open(abbey: Authority) -> None:
    """R0.1"""
    for turn in range(ROUNDS):
        day, review = date(2024, 3, 1) + timedelta(days=3 * turn), date(2024, 3, 2) + timedelta(days=3 * turn)
        await abbey.on(day)
        entry_id = await set_entry(abbey, on=day, review=review)
        await abbey.do(lambda uow, review=review: uow.execute("update clock set today = $1::date", review))  # type: ignore[misc]

        async def tick() -> object:
            return await abbey.do(turn_days)

        await at_once(turn, tick, partial(lift, abbey, review))
        while await abbey.do(turn_days):
            pass
        assert await answers_of(abbey, entry_id) in ([], ["lifted"])
        assert await entry_in_force(abbey, review) is None


async def test_kept_twice_at_once_the_second_is_told_that_nobody_is_asked(abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(date(2024, 3, 1))
    entry_id = await set_entry(abbey, on=date(2024, 3, 1), review=date(2024, 3, 2))
    await abbey.on(date(2024, 3, 2))
    answers = await at_once(3, *[partial(keep, abbey, entry_id)] * 2)
    assert sorted(isinstance(each, NothingAsked) for each in answers) == [False, True]
    rows = await abbey.do(lambda uow: uow.rows("select keep_id from la_keep where entry_id = $1", entry_id))
    assert len(rows) == 1
    await abbey.on(date(2024, 3, 3))
    assert await answers_of(abbey, entry_id) == ["kept"]
