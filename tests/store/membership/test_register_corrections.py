"""What the register says late of days that have gone is told as a correction of them, like every other late fact (R0.4)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.school import Status
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.la_category import set_la_category
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import turned

OAK = "900003"
JANUARY, FEBRUARY = date(2024, 1, 10), date(2024, 2, 12)
CORRECTED, REASSIGNED = "history.corrected", "representation.reassigned"


async def listed(abbey: Authority, as_at: date, **said: Any) -> None:
    await abbey.do(lambda uow: keep_schools(uow, [line(OAK, as_at, **said)]))


async def corrections(abbey: Authority) -> list[tuple[str, str, str]]:
    return [(each.data["what"], each.data["from_date"], each.data["until"]) for each in await abbey.said(CORRECTED)]


async def test_a_closing_that_the_register_tells_late_corrects_the_days_since(abbey: Authority) -> None:
    """R0.4, D3.10: the file of February has Oak as closed in January; until then its chair was said to speak for it."""
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await listed(abbey, FEBRUARY, status=Status.CLOSED, closed_on=JANUARY)
    assert await corrections(abbey) == [("representation", str(JANUARY), str(FEBRUARY))]
    known = (await abbey.do(lambda uow: facts_of(uow, [OAK], known=date(2024, 2, 11))))[OAK]
    assert standing(known, JANUARY).general is not None
    assert [each[:2] for each in await abbey.answers(OAK)] == [(START, FEBRUARY)]


async def test_of_a_school_that_is_listed_as_open_again_nothing_is_corrected_of_the_days_in_which_it_was_closed(
    abbey: Authority,
) -> None:
    """R0.4: nobody spoke for it in those days, and today's knowledge names nobody either."""
    await abbey.on(JANUARY)
    await listed(abbey, JANUARY, status=Status.CLOSED, closed_on=JANUARY)
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await listed(abbey, FEBRUARY)
    await turned(abbey)
    assert await corrections(abbey) == []
    assert [each[:2] for each in await abbey.answers(OAK)] == [(START, JANUARY), (FEBRUARY, None)]


async def test_a_school_that_another_authority_has_now_is_answered_by_its_policies_from_today_and_not_in_the_past(
    abbey: Authority,
) -> None:
    """R0.3, R0.4: counties are divided, and their schools keep their numbers."""
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await listed(abbey, FEBRUARY, authority="801")
    assert await corrections(abbey) == []
    (told,) = await abbey.said(REASSIGNED)
    assert (told.data["general_after"]["rule"], told.data["valid_from"]) == ("maintained-desk", str(FEBRUARY))


async def test_a_type_that_is_another_one_now_was_wrong_since_the_school_was_first_answered(abbey: Authority) -> None:
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await listed(abbey, FEBRUARY, type_code="34")
    assert await corrections(abbey) == [("representation", str(START), str(FEBRUARY))]
    assert len(await abbey.said(REASSIGNED)) == 1


@pytest.mark.parametrize(
    "said", [{"name": "Oak School"}, {"closed_on": date(2024, 7, 20)}, {"type_code": "5"}, {"postcode_district": "CV1"}]
)
async def test_what_changes_no_day_that_has_gone_corrects_nothing(abbey: Authority, said: dict[str, Any]) -> None:
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await listed(abbey, FEBRUARY, **said)
    assert await corrections(abbey) == []


async def test_while_the_school_has_something_to_be_told_a_correction_waits_too(abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(FEBRUARY)
    await abbey.do(
        lambda uow: set_la_category(
            uow, OAK, category=4, from_date=FEBRUARY, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.forget_said()
    await listed(abbey, FEBRUARY, status=Status.CLOSED, closed_on=JANUARY)
    assert [each.told for each in await abbey.said(CORRECTED)] == [False]


async def test_the_type_of_an_older_edition_that_comes_late_changes_no_day(abbey: Authority) -> None:
    """D3.11: a type has no day of its own; of two editions the later one counts, for the days before it too."""
    await abbey.on(FEBRUARY)
    await listed(abbey, FEBRUARY, type_code="34")
    await abbey.forget_said()
    await listed(abbey, JANUARY, type_code="1")
    assert await abbey.said() == []
