"""An outcome that was entered by hand as of another kind than Ofsted's file lists it: nobody guesses, an officer is asked (R0.1).

The file matches what was entered by number and kind. A number is rightly listed as both only where an ungraded inspection was
converted to a graded one.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.import_report import Reader
from services.membership.registers.lines import Line
from services.membership.store import imports, outcomes
from services.membership.store.asks import open_asks
from services.membership.store.import_queries import import_of
from services.membership.use_cases.correct_number import correct_number
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.who_speaks import category_of
from services.membership.use_cases.withdraw_outcome import believe_outcome, withdraw_outcome
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority, line

SCHOOL, ANOTHER, OF_801 = "900003", "900004", "910001"
BEGAN, PUBLISHED, ENTERED, FILE = date(2024, 3, 5), date(2024, 3, 15), date(2024, 3, 20), date(2024, 4, 1)
A_DAY = timedelta(days=1)
NUMBER = "10296001"


async def enter(ask: Ask, kind: str = "graded", *, urn: str = SCHOOL, published: date = PUBLISHED) -> Any:
    """By hand, from the report."""
    said = {
        "urn": urn, "inspection_number": NUMBER, "kind": kind, "inspection_started_on": BEGAN.isoformat(),
        "published_on": published.isoformat(),
    } | ({"headline": 4} if kind == "graded" else {})  # fmt: skip
    answer = await ask("/outcomes", OFFICER, {"outcomes": [said]}, authority="801" if urn == OF_801 else "937")
    assert answer.status_code == 201, answer.text
    return answer.json()["outcomes"][0]


async def listed(
    abbey: Authority, *kinds: str, as_at: date = FILE, urn: str = SCHOOL, dry_run: bool = False
) -> dict[str, Any]:
    """Ofsted's file of that day lists the inspection as of these kinds. Returns what became of it."""
    import_id = new_id()
    said = {
        "urn": urn, "inspection_number": NUMBER, "inspection_started_on": BEGAN.isoformat(),
        "published_on": PUBLISHED.isoformat(),
    }  # fmt: skip
    row = {"urn": urn, "authority": "937", "name": f"School {urn}", "phase": "Primary", "postcode_district": "CV31",
           "report_link": None,
           "outcomes": [said | {"kind": each} | ({"headline": 4} if each == "graded" else {}) for each in kinds]}  # fmt: skip

    async def send(uow: UnitOfWork) -> None:
        await imports.begin(
            uow, import_id, kind="ofsted", name="ofsted.csv", layout="test", notes=[], sha256=str(import_id), as_at=as_at,
            dry_run=dry_run, requested_by="officer",
        )  # fmt: skip
        await imports.stage(uow, import_id, [Line(5, row)])
        await imports.accept(uow, import_id, lines=1)

    await abbey.do(send)
    while await abbey.do(apply_next_chunk):
        pass
    return await abbey.do(lambda uow: import_of(uow, import_id, Reader(["937"])))


async def asked(abbey: Authority, authority: str = "937") -> list[tuple[str, str]]:
    """Of which schools the desk is asked whether the kind is right; its queue says the same."""
    found = await abbey.do(lambda uow: open_asks(uow, authority))
    queue = await abbey.do(lambda uow: desk_queue(uow, authority, after=None, limit=100))
    assert [each["why"] for each in queue["items"] if each["kind"] == "question"] == [each.why for each in found]
    return [(each.urn, each.why) for each in found if each.kind.startswith("other-kind")]


async def category(abbey: Authority) -> int | None:
    found: int | None = (await abbey.do(lambda uow: category_of(uow, SCHOOL, uow.today)))["category"]
    return found


async def withdraw(abbey: Authority, kind: str = "graded") -> None:
    await abbey.do(lambda uow: withdraw_outcome(uow, NUMBER, kind, reason="A slip", withdrawn_by="officer"))


@pytest.fixture
async def entered(abbey: Authority, ask: Ask) -> Authority:
    """As graded, inadequate."""
    await abbey.on(ENTERED)
    await enter(ask)
    await abbey.on(FILE)
    return abbey


@pytest.mark.parametrize(("kind", "other"), [("graded", "ungraded"), ("ungraded", "graded")])
async def test_a_file_that_lists_what_was_entered_as_of_the_other_kind_alone_is_asked_about_once(
    abbey: Authority, ask: Ask, kind: str, other: str
) -> None:
    """R0.1: nothing is guessed, so the entered one counts until an officer has said what is right."""
    await abbey.on(ENTERED)
    await enter(ask, kind)
    await abbey.on(FILE)
    for as_at in (FILE, FILE, FILE - timedelta(days=30), FILE - 13 * A_DAY):
        await listed(abbey, other, as_at=as_at)
    ((urn, why),) = await asked(abbey)
    assert urn == SCHOOL
    assert f"Ofsted's file lists inspection {NUMBER} of {SCHOOL} as {other} only" in why
    assert f"entered by hand as {kind} for {SCHOOL}" in why
    assert f"outcome withdraw {NUMBER} --kind {kind}" in why
    assert f"outcome correct-number {NUMBER} RIGHT --kind {kind}" in why
    assert await category(abbey) == 4


async def test_the_import_names_line_and_number_in_its_report_as_its_dry_run_does(entered: Authority) -> None:
    """D3.10"""
    tried = await listed(entered, "ungraded", dry_run=True)
    assert await asked(entered) == []
    done = await listed(entered, "ungraded")
    ((_, why),) = await asked(entered)
    for each in (tried, done):
        assert each["report"]["outcomes_of_another_kind"] == 1
        (warning,) = each["warnings"]
        assert (warning["line"], warning["value"], warning["cure"]) == (5, NUMBER, why)
    again = await listed(entered, "ungraded")
    assert (again["report"].get("outcomes_of_another_kind", 0), again["warnings"]) == (0, [])


async def test_entered_with_another_date_it_is_the_same_question(entered: Authority, ask: Ask) -> None:
    """R0.1"""
    await listed(entered, "ungraded")
    await enter(ask, published=PUBLISHED - A_DAY)
    assert len(await asked(entered)) == 1


async def test_entered_after_the_file_it_is_asked_about_at_once_and_the_answer_says_so(
    abbey: Authority, ask: Ask
) -> None:
    """R0.1, D3.11: in whatever order the two come."""
    await abbey.on(FILE)
    await listed(abbey, "ungraded")
    recorded = await enter(ask)
    assert (recorded["listed_as"]["entered"], recorded["listed_as"]["listed"]) == ("graded", "ungraded")
    assert len(await asked(abbey)) == 1


@pytest.mark.parametrize("first", ["entered", "listed"])
async def test_an_ungraded_inspection_that_was_converted_is_listed_as_both_and_nobody_is_asked(
    abbey: Authority, ask: Ask, first: str
) -> None:
    """R0.1: whichever of the two was entered, before the file or after it."""
    await abbey.on(FILE)
    if first == "listed":
        await listed(abbey, "ungraded", "graded")
    for kind in ("graded", "ungraded"):
        await enter(ask, kind)
    assert await asked(abbey) == []
    await listed(abbey, "ungraded", "graded", as_at=FILE)
    assert await asked(abbey) == []


async def test_who_enters_the_graded_one_of_a_conversion_is_asked_until_a_later_file_lists_it_too(
    entered: Authority,
) -> None:
    """R0.1: the question is over by itself."""
    await listed(entered, "ungraded")
    assert len(await asked(entered)) == 1
    await entered.on(date(2024, 5, 1))
    await listed(entered, "ungraded", "graded", as_at=date(2024, 5, 1))
    assert await asked(entered) == []
    await listed(entered, "ungraded")
    assert await asked(entered) == []


@pytest.mark.parametrize("as_at", [ENTERED, ENTERED - A_DAY])
async def test_a_file_of_no_later_day_than_the_entry_has_listed_it_too(entered: Authority, as_at: date) -> None:
    """D3.11: of what it says nothing changes, but that it lists the kind is known, in whatever order files come."""
    before = await entered.answers(SCHOOL)
    await entered.forget_said()
    await listed(entered, "graded", as_at=as_at)
    await listed(entered, "ungraded")
    assert await asked(entered) == []
    assert await entered.answers(SCHOOL) == before
    assert [each.type for each in await entered.said(urn=SCHOOL)] == ["outcome.published"]  # of the ungraded one
    known = await entered.do(lambda uow: outcomes.inspections(uow, [NUMBER]))
    assert {each.kind: each.headline for each in known.values()} == {"graded": 4, "ungraded": None}


async def test_earlier_files_in_the_other_order_end_the_question(entered: Authority) -> None:
    """D3.11"""
    await listed(entered, "ungraded")
    assert len(await asked(entered)) == 1
    await listed(entered, "graded", as_at=ENTERED - A_DAY)
    assert await asked(entered) == []


async def test_withdrawn_or_corrected_the_question_is_over_and_what_the_file_says_stands(
    entered: Authority, ask: Ask
) -> None:
    """R0.1, R0.4"""
    await listed(entered, "ungraded")
    await withdraw(entered)
    assert (await asked(entered), await category(entered)) == ([], None)
    await entered.do(lambda uow: believe_outcome(uow, NUMBER, "graded", reason="It is", believed_by="officer"))
    assert len(await asked(entered)) == 1
    await entered.do(
        lambda uow: correct_number(uow, NUMBER, "graded", right="10296999", reason="A slip", corrected_by="officer")
    )
    assert (await asked(entered), await category(entered)) == ([], 4)


async def test_of_what_the_file_lists_and_an_officer_has_withdrawn_nobody_is_asked(entered: Authority) -> None:
    """R0.1: one of the two counts."""
    await listed(entered, "ungraded")
    await withdraw(entered, "ungraded")
    await listed(entered, "ungraded")
    assert await asked(entered) == []


async def test_an_answer_ends_the_question_for_good(entered: Authority, ask: Ask) -> None:
    """R0.1: a file that lists it again asks no second time."""
    await listed(entered, "ungraded")
    (question,) = await entered.do(lambda uow: open_asks(uow, "937"))
    await ask(f"/asks/{question.ask_id}/answer", OFFICER, {"answer": "Converted, says the report"})
    await listed(entered, "ungraded")
    assert (await asked(entered), await category(entered)) == ([], 4)


async def test_entered_for_another_school_besides_it_is_asked_at_the_desk_of_the_school_for_which_it_counts(
    abbey: Authority, ask: Ask
) -> None:
    """R0.1, R0.5: a number is one inspection's in the whole country."""
    await abbey.do(lambda uow: keep_schools(uow, [line(OF_801, authority="801")]))
    await abbey.on(ENTERED)
    await enter(ask, urn=OF_801)
    await abbey.on(FILE)
    await listed(abbey, "ungraded")
    ((urn, why),) = await asked(abbey, "801")
    assert urn == OF_801
    assert f"inspection {NUMBER} of {SCHOOL} as ungraded only" in why
    assert f"entered by hand as graded for {OF_801}" in why
    assert await asked(abbey) == []


async def test_entered_for_the_right_school_after_all_it_is_one_question_still(entered: Authority, ask: Ask) -> None:
    """R0.1"""
    await listed(entered, "ungraded", urn=ANOTHER)
    await enter(ask, urn=ANOTHER)
    ((urn, why),) = await asked(entered)
    assert urn == ANOTHER
    assert f"entered by hand as graded for {ANOTHER}" in why
