"""Keep or lift is asked of each later outcome, and anew of one that gives another category than when it was answered (R0.1)."""

from datetime import date
from functools import partial
from uuid import UUID

import pytest

from services.membership.store.reviews import reviews_in
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.withdraw_outcome import believe_outcome, withdraw_outcome
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.store.membership.conftest import Authority
from tests.store.membership.test_keep_or_lift import (
    AGAIN,
    ASKED,
    SCHOOL,
    SET,
    closed,
    keep,
    lift,
    listed,
    open_again,
    set_entry,
)

CAME, BEGAN, MISTYPED = date(2024, 4, 20), date(2024, 4, 2), date(2024, 4, 12)
KEPT, LATER, FILE = date(2024, 4, 22), date(2024, 4, 30), date(2024, 5, 10)


@pytest.fixture
async def entered(abbey: Authority) -> tuple[Authority, UUID]:
    """The authority's own category has stood since March, and an outcome is published on 20 April."""
    await abbey.on(SET)
    entry_id = await set_entry(abbey, review=None)
    await abbey.on(CAME)
    await abbey.forget_said()
    return abbey, entry_id


async def comes(
    abbey: Authority, number: str = "N1", headline: int = 2, *, began: date = BEGAN, as_at: date | None = None
) -> None:
    await abbey.publish(SCHOOL, CAME, number=number, headline=headline, began=began, as_at=as_at)


async def withdraw(abbey: Authority, number: str = "N1") -> None:
    await abbey.do(lambda uow: withdraw_outcome(uow, number, "graded", reason="A slip", withdrawn_by="officer"))


async def kept(abbey: Authority, entry_id: UUID) -> None:
    await abbey.on(KEPT)
    await keep(abbey, entry_id)


async def asked_by(abbey: Authority) -> list[str]:
    """The inspections by which an officer is asked, at the list and at the desk alike."""
    found = await listed(abbey)
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    at_desk = [each for each in queue["items"] if each["kind"] == "keep-or-lift"]
    assert len(at_desk) == len(found)
    return [each["cause_ref"] for each in found]


async def told(abbey: Authority) -> int:
    return len(await abbey.said(ASKED))


# -- each outcome --


async def test_by_the_right_outcome_it_is_asked_once_one_with_a_wrong_number_and_a_wrong_first_day_was_withdrawn(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1"""
    abbey, _ = entered
    await comes(abbey, "N1", 3, began=MISTYPED)
    await withdraw(abbey)
    assert await asked_by(abbey) == []
    await comes(abbey, "N2", 4)
    assert (await asked_by(abbey), await told(abbey)) == (["N2"], 2)


async def test_it_is_asked_by_the_right_outcome_too_where_the_file_comes_before_the_wrong_one_is_withdrawn(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1, D3.11: until then they are two inspections."""
    abbey, _ = entered
    await comes(abbey, "N1", 3, began=MISTYPED)
    await comes(abbey, "N2", 4)
    assert await asked_by(abbey) == ["N1", "N2"]
    await withdraw(abbey)
    assert (await asked_by(abbey), await told(abbey)) == (["N2"], 2)


@pytest.mark.parametrize(
    ("began", "headline", "is_asked"),
    [(MISTYPED, 2, True), (BEGAN, 4, True), (BEGAN, 2, False)],
    ids=["another inspection", "another category", "what she has answered"],
)
async def test_an_entry_that_was_kept_in_spite_of_a_mistyped_outcome_is_asked_about_by_whatever_is_new_of_the_right_one(
    entered: tuple[Authority, UUID], began: date, headline: int, is_asked: bool
) -> None:
    """R0.1: of one inspection under another number, with the same category, there is nothing new."""
    abbey, entry_id = entered
    await comes(abbey, "N1", 2)
    await kept(abbey, entry_id)
    await withdraw(abbey)
    await comes(abbey, "N2", headline, began=began)
    assert await asked_by(abbey) == (["N2"] if is_asked else [])
    assert await told(abbey) == 1 + is_asked


# -- one inspection under two numbers --


async def test_one_inspection_under_two_numbers_is_one_question_and_one_answer(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: and she is asked on, since the same day, when one of the two is withdrawn."""
    abbey, entry_id = entered
    await comes(abbey, "N1")
    await abbey.on(KEPT)
    await comes(abbey, "N2", 4)
    assert (await asked_by(abbey), await told(abbey)) == (["N1"], 1)
    await withdraw(abbey)
    assert [(each["cause_ref"], each["asked_on"]) for each in await listed(abbey)] == [("N2", CAME)]
    await abbey.do(lambda uow: believe_outcome(uow, "N1", "graded", reason="Right", believed_by="officer"))
    assert (await asked_by(abbey), await told(abbey)) == (["N1"], 1)
    assert len((await keep(abbey, entry_id)).answered) == 2
    assert await asked_by(abbey) == []


async def test_once_the_first_day_under_one_of_the_numbers_is_put_right_they_are_two_questions(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: what was entered by hand was another inspection; when that is withdrawn she is asked by the other."""
    abbey, _ = entered
    await comes(abbey, "N1")
    await comes(abbey, "N2", 4)
    await comes(abbey, "N1", began=MISTYPED)
    assert await asked_by(abbey) == ["N1", "N2"]
    await withdraw(abbey)
    assert await asked_by(abbey) == ["N2"]


# -- another category than when it was answered --


async def test_an_outcome_that_gives_another_category_than_when_the_entry_was_kept_is_asked_about_again_once_a_change(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: the same file twice, and one that says nothing else of the category, ask nothing more."""
    abbey, entry_id = entered
    await comes(abbey, headline=2)
    await kept(abbey, entry_id)
    await abbey.publish(SCHOOL, CAME, number="N1", headline=2, began=BEGAN, leadership=2)
    assert await asked_by(abbey) == []
    for day in (LATER, LATER, FILE):
        await abbey.on(day)
        await comes(abbey, headline=4)
        assert [(each["cause_ref"], each["asked_on"]) for each in await listed(abbey)] == [("N1", LATER)]
    assert await told(abbey) == 2
    await keep(abbey, entry_id)
    await comes(abbey, headline=4)
    assert (await asked_by(abbey), await told(abbey)) == ([], 2)
    await comes(abbey, headline=2)
    assert (await asked_by(abbey), await told(abbey)) == (["N1"], 3)


@pytest.mark.parametrize("number", ["N1", "N2"], ids=["under its number", "under another"])
@pytest.mark.parametrize("days", [(LATER, FILE), (FILE, LATER)], ids=["in order", "the later file first"])
async def test_where_the_latest_file_gives_what_was_answered_nobody_is_asked_in_whatever_order_the_files_come(
    entered: tuple[Authority, UUID], days: tuple[date, date], number: str
) -> None:
    """R0.1, D3.11: a file between has another category."""
    abbey, entry_id = entered
    gives = {LATER: 4, FILE: 2}
    await comes(abbey, headline=2)
    await kept(abbey, entry_id)
    await abbey.on(FILE)
    for day in days:
        await comes(abbey, number, gives[day], as_at=day)
    assert await asked_by(abbey) == []
    await comes(abbey, number, 4)
    assert await asked_by(abbey) == [number]


async def test_it_is_asked_again_where_an_outcome_is_believed_again_with_another_category(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.1: and not where it is believed as it was when she answered."""
    abbey, entry_id = entered
    await comes(abbey, headline=2)
    await kept(abbey, entry_id)
    for headline in (2, 4):
        await withdraw(abbey)
        await comes(abbey, headline=headline)
        assert await asked_by(abbey) == (["N1"] if headline == 4 else [])


async def test_what_was_corrected_while_the_school_was_closed_is_asked_about_again_once_it_is_open(
    abbey: Authority,
) -> None:
    """R0.1: of a closed school there is nothing to decide."""
    await abbey.on(SET)
    entry_id = await set_entry(abbey, review=None)
    published = date(2024, 4, 5)
    await abbey.on(published)
    await abbey.publish(SCHOOL, published, number="N1", headline=2)
    await keep(abbey, entry_id)
    await closed(abbey)
    await abbey.publish(SCHOOL, published, number="N1", headline=4)
    assert await asked_by(abbey) == []
    await open_again(abbey)
    assert [(each["cause_ref"], each["asked_on"]) for each in await listed(abbey)] == [("N1", AGAIN)]
    assert await told(abbey) == 1


async def test_of_an_entry_that_was_lifted_nobody_is_asked_again(entered: tuple[Authority, UUID]) -> None:
    """R0.1"""
    abbey, _ = entered
    await comes(abbey, headline=2)
    await lift(abbey, CAME)
    await comes(abbey, headline=4)
    assert (await asked_by(abbey), await told(abbey)) == ([], 1)


async def test_an_explanation_says_why_it_was_asked_again_and_that_it_need_not_be_answered(
    entered: tuple[Authority, UUID],
) -> None:
    """R0.4"""
    abbey, entry_id = entered
    await comes(abbey, headline=2)
    await kept(abbey, entry_id)
    await abbey.on(LATER)
    await comes(abbey, headline=4)

    async def steps(uow: UnitOfWork, known: date) -> list[str]:
        found = await explain(uow, SCHOOL, known, known)
        return [each.says for each in found["steps"] if each.says.startswith("Asked")]

    first = "Asked to keep or lift it, since inspection N1 was published: kept on 22 April 2024 by ms officer"
    again = "Asked to keep or lift it, since inspection N1 gives another category than before"
    assert await abbey.do(partial(steps, known=LATER)) == [first, f"{again}: nobody has answered"]
    await abbey.on(FILE)
    await comes(abbey, headline=2)
    over = f"{again}: not needed any more from 10 May 2024, since it gives the same again"
    assert await abbey.do(partial(steps, known=FILE)) == [first, over]
    assert [each["answer"] for each in await listed(abbey, only_open=False)] == ["kept", "not-needed"]


# -- the release before, which runs on beside this one while it is brought in --


async def test_what_the_release_before_asks_and_answers_meanwhile_counts(entered: tuple[Authority, UUID]) -> None:
    """D3.10, R0.1: it knows nothing of a question that is asked again, and keeps no word of what was known when it was answered."""
    abbey, entry_id = entered
    ask = (
        "insert into la_review (review_id, entry_id, urn, cause, cause_on, cause_ref, asked_on, recorded_at) "
        "values ($1, $2, $3, 'outcome', $4::date, 'N1', $4::date, $5::timestamptz) on conflict do nothing returning review_id"
    )
    answer = (
        "insert into la_review_answer (review_id, answer, answered_on, answered_by, recorded_at) "
        "select review_id, 'kept', $2::date, 'ms officer', $3::timestamptz from la_review r where entry_id = $1 "
        "and not exists (select from la_review_answer a where a.review_id = r.review_id) returning review_id"
    )

    async def asks(uow: UnitOfWork) -> int:
        return len(await uow.rows(ask, new_id(), entry_id, SCHOOL, CAME, uow.now))

    async def answers(uow: UnitOfWork) -> int:
        return len(await uow.rows(answer, entry_id, uow.today, uow.now))

    assert await abbey.do(asks) == 1
    await comes(abbey, headline=2)
    assert (await asked_by(abbey), await told(abbey)) == (["N1"], 0)
    await abbey.on(KEPT)
    assert await abbey.do(answers) == 1
    await comes(abbey, "N2")
    assert await asked_by(abbey) == []
    await abbey.on(LATER)
    await comes(abbey, headline=4)
    assert await abbey.do(asks) == 0
    assert (await asked_by(abbey), await told(abbey)) == (["N1"], 1)
    assert await abbey.do(answers) == 1
    await abbey.on(FILE)
    await comes(abbey, headline=4)
    assert await asked_by(abbey) == []
    await comes(abbey, headline=3)
    assert await asked_by(abbey) == ["N1"]
    assert len(await abbey.do(lambda uow: reviews_in(uow, "937", only_open=False))) == 3
