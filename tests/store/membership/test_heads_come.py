"""A person comes to head a school, beside any other that she heads (R0.3, R0.4, R0.8, W-06, D3.10)."""

from datetime import date

import pytest

from services.membership.domain.appointment import AlreadyInPost, Headship, UnknownPerson
from services.membership.domain.in_post import PostEndsTooSoon
from services.membership.domain.school import NotOpen, Status
from services.membership.store import people
from services.membership.use_cases import end_headships
from services.membership.use_cases.begin_headship import begin_headship
from services.membership.use_cases.keep_register import keep_schools
from shared.messaging.cause import new_id
from tests.store.membership.asking import HEAD, OFFICER, Ask
from tests.store.membership.conftest import Authority, line
from tests.store.membership.test_in_post import APRIL, FEBRUARY, MARCH, heard, in_march, speaks

__all__ = ["in_march"]
CHAIRS_SCHOOL, OTHER = "900001", "900003"


async def begins(
    abbey: Authority, since: date, until: date | None = None, who: str = "chair", urn: str = OTHER
) -> None:
    await abbey.do(lambda uow: begin_headship(uow, Headship(abbey.people[who], urn, since, until)))


async def test_a_chair_who_comes_to_head_a_second_school_speaks_for_neither(in_march: Authority) -> None:
    """R0.3: her deputy does; her office goes with the school that she has headed longer, of which nobody hears anew."""
    assert (await speaks(in_march, OTHER, "general"))[0] == "chair"
    await begins(in_march, MARCH)
    for urn in (CHAIRS_SCHOOL, OTHER):
        assert await speaks(in_march, urn, "general") == ("deputy", in_march.people["deputy"])
    assert await heard(in_march) == [("headship.began", OTHER, str(MARCH))]
    (began,) = await in_march.said("headship.began")
    reassigned = await in_march.said("representation.reassigned")
    assert {each.data["urn"] for each in reassigned} == {OTHER}
    assert {each.correlation_id for each in reassigned} == {began.correlation_id}


async def test_the_office_of_a_chair_who_headed_no_school_goes_with_the_one_to_which_she_comes(
    in_march: Authority,
) -> None:
    """W-31: her award goes there."""
    chair = in_march.people["chair"]
    await in_march.do(lambda uow: end_headships.end_headship(uow, CHAIRS_SCHOOL, chair, ended_on=FEBRUARY))
    await in_march.forget_said()
    await begins(in_march, MARCH)
    (moved,) = await in_march.said("office-holder.moved-school")
    assert (moved.data["from_urn"], moved.data["to_urn"]) == (None, OTHER)


async def test_a_headship_that_begins_on_a_day_to_come_is_told_on_that_day(in_march: Authority) -> None:
    """D3.10, R0.8"""
    await begins(in_march, APRIL)
    assert await in_march.said() == []
    assert (await speaks(in_march, OTHER, "general"))[0] == "chair"
    await in_march.on(APRIL)
    assert await heard(in_march) == [("headship.began", OTHER, str(APRIL))]
    assert (await speaks(in_march, OTHER, "general"))[0] == "deputy"


async def test_a_headship_that_is_learned_late_corrects_the_days_that_have_gone(in_march: Authority) -> None:
    """R0.4: of one that is over already too; who speaks today stays."""
    await begins(in_march, date(2024, 1, 8), FEBRUARY)
    (corrected,) = await in_march.said("history.corrected")
    assert (corrected.data["from_date"], corrected.data["until"]) == ("2024-01-08", str(FEBRUARY))
    assert await heard(in_march) == [
        ("headship.began", OTHER, "2024-01-08"),
        ("headship.ended", OTHER, str(FEBRUARY)),
    ]
    assert (await speaks(in_march, OTHER, "general"))[0] == "chair"


async def test_nobody_comes_to_a_school_that_she_heads_already_or_that_has_closed(in_march: Authority) -> None:
    with pytest.raises(AlreadyInPost, match=r"end it first \(`consortia headship end`\)"):
        await begins(in_march, MARCH, urn=CHAIRS_SCHOOL)
    with pytest.raises(PostEndsTooSoon, match="enter the first day on which it is no longer so"):
        await begins(in_march, MARCH, MARCH)
    gone = line(OTHER, MARCH, status=Status.CLOSED, closed_on=FEBRUARY)
    await in_march.do(lambda uow: keep_schools(uow, [gone]))
    with pytest.raises(NotOpen):
        await begins(in_march, MARCH)
    with pytest.raises(UnknownPerson):
        await in_march.do(lambda uow: begin_headship(uow, Headship(new_id(), "900004", MARCH, None)))
    assert await in_march.do(lambda uow: people.headships(uow, urns=[OTHER, "900004"])) == []


async def test_an_officer_enters_it_and_nobody_else(ask: Ask, in_march: Authority) -> None:
    """R0.8: once, whatever is sent again under the same key."""
    newcomer = str(in_march.people["newcomer"])
    entry = {"person_id": newcomer, "from": str(MARCH)}
    assert (await ask(f"/schools/{OTHER}/headships", HEAD, entry)).status_code == 403
    for _ in range(2):
        answer = await ask(f"/schools/{OTHER}/headships", OFFICER, entry, key="once")
        assert answer.status_code == 201
        assert answer.json() == {"person_id": newcomer, "urn": OTHER, "from_date": str(MARCH), "until": None}
    assert await heard(in_march) == [("headship.began", OTHER, str(MARCH))]
