"""A school that continues one school and is to take another one in on a later day: both lie ahead (D3.11)."""

from datetime import date

import pytest

from services.membership.domain.links import Link
from services.membership.domain.school import Status
from services.membership.use_cases.keep_links import close_continued_schools, keep_links
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import NEW, OLD, OPENING, another_body, converts, places, registered, turned

TAKEN_IN, LATER = "900030", date(2024, 9, 1)
FIRST = Link(NEW, OLD, "Predecessor", OPENING, "links", START)
SECOND = Link(NEW, TAKEN_IN, "Predecessor - merged", LATER, "links", START)


@pytest.mark.parametrize("files", [[[FIRST, SECOND]], [[FIRST], [SECOND]], [[SECOND], [FIRST]]])
async def test_it_keeps_the_place_of_the_first_whatever_the_second_belongs_to(
    abbey: Authority, files: list[list[Link]]
) -> None:
    """W-02: 141823 opened in March 2015 in the place of 125726, and took in 141803 in January 2017."""
    await registered(abbey, line(TAKEN_IN, date(2023, 9, 2), closed_on=LATER))
    await converts(abbey)
    for links in files:
        await abbey.do(lambda uow, links=links: keep_links(uow, links))  # type: ignore[misc]
        await turned(abbey)
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}
    await abbey.on(OPENING)
    assert (await abbey.answers(NEW))[-1][2:] == ("chair", abbey.people["chair"])
    await abbey.on(LATER)
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}


@pytest.mark.parametrize("files", [[[FIRST, SECOND]], [[FIRST], [SECOND]], [[SECOND], [FIRST]]])
async def test_from_the_day_on_which_it_takes_the_second_in_it_has_that_ones_place_too(
    abbey: Authority, files: list[list[Link]]
) -> None:
    """R0.3: and is led by the body that led it."""
    await registered(abbey, line(TAKEN_IN, date(2023, 9, 2), closed_on=LATER))
    other = await another_body(abbey, "special-group", TAKEN_IN)
    await converts(abbey)
    for links in files:
        await abbey.do(lambda uow, links=links: keep_links(uow, links))  # type: ignore[misc]
        await turned(abbey)
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True), other: (LATER, None, False)}


async def test_a_closing_without_a_date_is_that_of_the_opening_also_when_the_links_come_after_the_register(
    abbey: Authority,
) -> None:
    """W-02: files in any order end in the same state; else two schools stand for one until the edition that has it closed."""
    opened, listed = date(2024, 2, 5), date(2024, 3, 1)
    await abbey.on(listed)
    academy = line(NEW, listed, type_code="34", opened_on=opened, trust_id="7001", trust_name="Larch Trust")
    await registered(abbey, line(OLD, listed, status=Status.CLOSED), academy)
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, OLD, "Predecessor", opened, "links", listed)]))
    await abbey.do(close_continued_schools)
    assert await abbey.do(lambda uow: uow.value("select closed_on from school where urn = $1", OLD)) == opened
