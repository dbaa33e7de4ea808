"""An outcome that was entered by hand under a mistyped number stands beside Ofsted's: it is asked about, and put right (R0.1)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.import_report import Reader
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.domain.set_aside import SetAside
from services.membership.registers.lines import Line
from services.membership.store import imports, outcomes, set_aside
from services.membership.store.asks import open_asks
from services.membership.store.import_queries import import_of
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import correct_number as numbers
from services.membership.use_cases.correct_number import NumberIsOfAFile, NumberOfAnother
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.la_category import set_la_category
from services.membership.use_cases.record_outcomes import OutcomeRecorded
from services.membership.use_cases.set_aside import apply_what_waited
from services.membership.use_cases.who_speaks import category_of
from services.membership.use_cases.withdraw_outcome import AlreadyWithdrawn, UnknownInspection, withdraw_outcome
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority

SCHOOL = "900003"
BEGAN, PUBLISHED, FILE = date(2024, 3, 5), date(2024, 3, 15), date(2024, 4, 1)
MISTYPED, RIGHT = "10296010", "10296001"


async def enter(ask: Ask, number: str = MISTYPED, *, urn: str = SCHOOL, began: date = BEGAN, headline: int = 3) -> Any:
    """By hand, from the report."""
    said = {
        "urn": urn, "inspection_number": number, "kind": "graded", "inspection_started_on": began.isoformat(),
        "published_on": PUBLISHED.isoformat(), "headline": headline, "report_link": "https://reports.example/1",
    }  # fmt: skip
    answer = await ask("/outcomes", OFFICER, {"outcomes": [said]})
    assert answer.status_code == 201, answer.text
    return answer.json()["outcomes"][0]


async def import_file(
    abbey: Authority, number: str = RIGHT, *, dry_run: bool = False, waits: bool = False
) -> dict[str, Any]:
    """Ofsted's file of April, with this one inspection on its fifth line, which may have to wait for its school."""
    import_id = new_id()
    outcome = {
        "urn": SCHOOL, "inspection_number": number, "kind": "graded", "inspection_started_on": BEGAN.isoformat(),
        "published_on": PUBLISHED.isoformat(), "headline": 3,
    }  # fmt: skip
    row = {"urn": SCHOOL, "authority": "937", "name": f"School {SCHOOL}", "phase": "Primary", "postcode_district": "CV31",
           "report_link": None, "outcomes": [outcome]}  # fmt: skip

    async def send(uow: UnitOfWork) -> None:
        await imports.begin(
            uow, import_id, kind="ofsted", name="ofsted.csv", layout="test", notes=[], sha256=str(import_id), as_at=FILE,
            dry_run=dry_run, requested_by="officer",
        )  # fmt: skip
        await imports.stage(uow, import_id, [Line(5, row)])
        await imports.accept(uow, import_id, lines=1)
        await set_aside.set_aside(uow, [SetAside(import_id, 5, frozenset(), frozenset({SCHOOL}))] if waits else [])

    await abbey.do(send)
    while await abbey.do(apply_next_chunk):
        pass
    while await apply_what_waited(abbey.store):
        pass
    return await abbey.do(lambda uow: import_of(uow, import_id, Reader(["937"])))


async def asked(abbey: Authority) -> list[str]:
    return [
        each.why for each in await abbey.do(lambda uow: open_asks(uow, "937")) if each.kind.startswith("two-numbers")
    ]


async def correct(
    abbey: Authority, number: str = MISTYPED, right: str = RIGHT, reason: str = "A slip"
) -> OutcomeRecorded:
    return await abbey.do(
        lambda uow: numbers.correct_number(uow, number, "graded", right=right, reason=reason, corrected_by="ms officer")
    )


async def standing(abbey: Authority) -> set[str]:
    """Under which numbers the inspection counts."""
    known = await abbey.do(lambda uow: outcomes.inspections(uow, [MISTYPED, RIGHT]))
    return {number for (number, _), each in known.items() if not each.withdrawn}


@pytest.fixture
async def entered(abbey: Authority, ask: Ask) -> Authority:
    await abbey.on(PUBLISHED)
    await enter(ask)
    await abbey.on(FILE)
    return abbey


async def test_a_file_that_lists_it_under_another_number_says_so_in_its_report_and_at_the_desk_naming_both(
    entered: Authority,
) -> None:
    """R0.1; D3.10: at once, as the dry run shows, and where the line had to wait for its school."""
    abbey = entered
    tried = await import_file(abbey, dry_run=True)
    assert (tried["report"]["outcomes_under_two_numbers"], await asked(abbey)) == (1, [])
    found = await import_file(abbey, waits=True)
    for each in (tried, found):
        (warning,) = each["warnings"]
        assert (warning["line"], warning["value"], each["problems"]) == (5, RIGHT, [])
        assert each["warnings_found"] == 1
    (why,) = await asked(abbey)
    for said in (warning["cure"], why):
        assert RIGHT in said
        assert f"outcome correct-number {MISTYPED} {RIGHT}" in said
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    assert [each["why"] for each in queue["items"] if each["kind"] == "question"] == [why]


async def test_entered_after_the_file_it_is_asked_about_at_once(abbey: Authority, ask: Ask) -> None:
    """R0.1, D3.11: in whatever order the two come."""
    await abbey.on(FILE)
    await import_file(abbey)
    recorded = await enter(ask)
    assert [each["listed"] for each in recorded["stands_beside"]] == [RIGHT]
    assert len(await asked(abbey)) == 1


async def test_of_another_day_another_school_or_the_same_number_nobody_is_asked(abbey: Authority, ask: Ask) -> None:
    """R0.1"""
    await abbey.on(PUBLISHED)
    await enter(ask, began=date(2024, 3, 4))
    await enter(ask, "10296011", urn="900004")
    await enter(ask, RIGHT)
    await abbey.on(FILE)
    found = await import_file(abbey)
    assert (await asked(abbey), found["warnings"]) == ([], [])


async def test_of_two_that_files_list_nobody_is_asked_whatever_is_entered_of_one_by_hand(
    abbey: Authority, ask: Ask
) -> None:
    """R0.1: both numbers are Ofsted's own."""
    await abbey.on(FILE)
    await import_file(abbey, RIGHT)
    await import_file(abbey, MISTYPED)
    assert (await enter(ask, headline=2))["new"]
    assert await asked(abbey) == []


async def test_corrected_after_the_file_came_ofsteds_stands_alone_and_the_question_is_over(entered: Authority) -> None:
    """R0.1, R0.4"""
    abbey = entered
    await import_file(abbey)
    await abbey.forget_said()
    gone = await correct(abbey)
    assert (gone.inspection_number, await standing(abbey), await asked(abbey)) == (RIGHT, {RIGHT}, [])
    said = await abbey.said(urn=SCHOOL)
    assert [(each.type, each.data["inspection_number"]) for each in said] == [("outcome.withdrawn", MISTYPED)]
    assert (await abbey.do(lambda uow: category_of(uow, SCHOOL, FILE)))["category"] == 3


async def test_corrected_before_the_file_comes_it_is_matched_by_it_and_nobody_is_asked(entered: Authority) -> None:
    """R0.1, R0.4: of the category and of who speaks nothing changes; readers hear it under the right number."""
    abbey = entered
    before = await abbey.answers(SCHOOL)
    await abbey.forget_said()
    await correct(abbey)
    said = await abbey.said(urn=SCHOOL)
    assert [(each.type, each.data["inspection_number"]) for each in said] == [
        ("outcome.published", RIGHT),
        ("outcome.withdrawn", MISTYPED),
    ]
    assert said[0].data["report_link"] == "https://reports.example/1"
    assert (await standing(abbey), await abbey.answers(SCHOOL)) == ({RIGHT}, before)
    await abbey.forget_said()
    found = await import_file(abbey)
    assert (await asked(abbey), found["warnings"], await abbey.said(urn=SCHOOL)) == ([], [], [])
    explained = await abbey.do(lambda uow: explain(uow, SCHOOL, FILE, FILE))
    assert f"Its number is {RIGHT}: A slip" in str([each.says for each in explained["steps"]])


async def test_an_answer_that_they_are_two_ends_the_question(entered: Authority, ask: Ask) -> None:
    """R0.1"""
    abbey = entered
    await import_file(abbey)
    (question,) = await abbey.do(lambda uow: open_asks(uow, "937"))
    await ask(f"/asks/{question.ask_id}/answer", OFFICER, {"answer": "Two visits"})
    await import_file(abbey)
    assert (await asked(abbey), await standing(abbey)) == ([], {MISTYPED, RIGHT})


async def test_whoever_is_asked_to_keep_or_lift_by_it_is_asked_on(abbey: Authority, ask: Ask) -> None:
    """R0.1: the outcome stands, under another number."""
    await abbey.on(date(2024, 3, 1))
    await abbey.do(
        lambda uow: set_la_category(
            uow, SCHOOL, category=4, from_date=uow.today, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.on(PUBLISHED)
    await enter(ask)
    await correct(abbey)
    assert len(await abbey.do(lambda uow: reviews_in(uow, "937", only_open=True))) == 1
    await abbey.do(lambda uow: withdraw_outcome(uow, RIGHT, "graded", reason="Another's", withdrawn_by="officer"))
    assert await abbey.do(lambda uow: reviews_in(uow, "937", only_open=True)) == []


async def test_a_number_of_ofsteds_own_and_one_of_another_inspection_are_refused(entered: Authority, ask: Ask) -> None:
    """R0.1"""
    abbey = entered
    await enter(ask, "10296099", urn="900004")
    with pytest.raises(NumberOfAnother, match="of 900004"):
        await correct(abbey, right="10296099")
    with pytest.raises(NothingToCorrect):
        await correct(abbey, right=MISTYPED)
    with pytest.raises(CorrectionNeedsReason):
        await correct(abbey, reason=" ")
    with pytest.raises(UnknownInspection):
        await correct(abbey, "N404")
    await import_file(abbey)
    with pytest.raises(NumberIsOfAFile):
        await correct(abbey, RIGHT, "10296002")
    await correct(abbey)
    with pytest.raises(AlreadyWithdrawn):
        await correct(abbey)


async def test_only_an_officer_of_the_authority_corrects_a_number(entered: Authority, ask: Ask) -> None:
    """R0.8"""
    path, said = f"/outcomes/{MISTYPED}/correct-number", {"number": RIGHT, "reason": "A slip"}
    assert (await ask(path, OFFICER, said, authority="801")).status_code == 403
    assert (await ask(path, {"roles": ["headteacher"], "urns": [SCHOOL]}, said)).status_code == 403
    done = await ask(path, OFFICER, said)
    assert (done.status_code, done.json()["inspection_number"]) == (200, RIGHT)
    assert UUID(done.json()["correlation_id"])
