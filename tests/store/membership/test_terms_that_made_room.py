"""A change of chair that was a slip: whoever made room goes on, and where that can't be known it is asked (R0.4, W-05)."""

from datetime import date
from functools import partial
from uuid import UUID

import pytest

from services.membership.domain.office import Correction
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import standing
from services.membership.store import bodies
from services.membership.store.ended import forget_ends
from services.membership.store.facts import facts_of
from services.membership.use_cases import corrections, offices
from services.membership.use_cases.close_body import close_body, withdraw_closing
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.offices import OfficeChanged
from tests.store.membership.conftest import START, Authority

ELM, CHAIRS_SCHOOL = "900003", "900001"
BEGAN, REALLY, TODAY = date(2024, 3, 1), date(2024, 3, 8), date(2024, 3, 20)


@pytest.fixture
async def change(abbey: Authority) -> OfficeChanged:
    """The newcomer is entered as the next chair from 1 March; that ends the term of the chair before her."""
    await abbey.on(BEGAN)
    made = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=BEGAN, route="meeting"
        )
    )
    await abbey.on(TODAY)
    return made


async def withdraw(abbey: Authority, term_id: UUID) -> OfficeChanged:
    return await abbey.do(
        lambda uow: corrections.withdraw_office(uow, term_id, reason="A slip", withdrawn_by="officer")
    )


async def correct(abbey: Authority, term_id: UUID, correction: Correction) -> OfficeChanged:
    return await abbey.do(
        lambda uow: corrections.correct_office(uow, term_id, correction, reason="A slip", corrected_by="officer")
    )


async def asked(abbey: Authority) -> list[tuple[str, str]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    return [(each["urn"], each["why"]) for each in queue["items"] if each.get("about", "").startswith("end-of-term")]


async def until(abbey: Authority, term_id: UUID | None) -> date | None:
    assert term_id is not None
    async with abbey.store.unit() as uow:
        return (await bodies.term(uow, term_id)).until


async def forgotten(abbey: Authority, term_id: UUID) -> None:
    """As before it was kept how a term would have run on."""
    await abbey.do(lambda uow: forget_ends(uow, term_id))


async def test_withdrawn_the_chair_before_goes_on_and_the_days_between_are_corrected(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4, W-05: who spoke meanwhile stays as it was answered."""
    await abbey.forget_said()
    assert (await withdraw(abbey, change.term_id)).goes_on == (change.ended,)
    assert (await until(abbey, change.ended), await asked(abbey)) == (None, [])
    assert [(since, person) for since, _, _, person in await abbey.answers(ELM)][-3:] == [
        (START, abbey.people["chair"]),
        (BEGAN, abbey.people["newcomer"]),
        (TODAY, abbey.people["chair"]),
    ]
    told = [each.data for each in await abbey.said("office.corrected")]
    assert [(each["term_id"], each["after"] and each["after"]["until"]) for each in told] == [
        (str(change.term_id), None),  # it never was
        (str(change.ended), None),
    ]
    assert told[0]["after"] is None
    (history,) = await abbey.said("history.corrected", urn=ELM)
    assert [history.data[name] for name in ("what", "from_date", "until")] == [
        "representation", "2024-03-01", "2024-03-20",
    ]  # fmt: skip


async def test_who_was_chair_as_was_known_meanwhile_stays_known(abbey: Authority, change: OfficeChanged) -> None:
    """R0.4"""
    await withdraw(abbey, change.term_id)
    for known, who in ((BEGAN, "newcomer"), (TODAY, "chair")):
        facts = await abbey.do(partial(facts_of, schools=[ELM], known=known))
        speaker = standing(facts[ELM], REALLY).speaker(Matter.GENERAL)
        assert speaker is not None
        assert speaker.person_id == abbey.people[who]


async def test_withdrawn_before_its_day_the_chair_goes_on_as_if_nothing_had_been_planned(abbey: Authority) -> None:
    """R0.4, W-05"""
    made = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=BEGAN, route="meeting"
        )
    )
    await withdraw(abbey, made.term_id)
    await abbey.forget_said()
    await abbey.on(TODAY)
    assert await until(abbey, made.ended) is None
    assert [
        each.type for each in await abbey.said("office.ended", "office.taken-up", "representation.reassigned")
    ] == []


async def test_an_end_that_was_planned_before_the_change_is_planned_again(abbey: Authority) -> None:
    """R0.4: not more than it ended is taken back."""
    async with abbey.store.unit() as uow:
        (chair,) = [each for each in await bodies.terms(uow, [abbey.body_id]) if each.post == "chair"]
    planned = date(2024, 9, 1)
    await abbey.do(lambda uow: offices.end_office(uow, chair.term_id, ended_on=planned, reason="She retires"))
    await abbey.on(BEGAN)
    made = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=BEGAN, route="meeting"
        )
    )
    await withdraw(abbey, made.term_id)
    assert await until(abbey, chair.term_id) == planned
    async with abbey.store.unit() as uow:
        assert await bodies.end_reasons(uow, [chair.term_id]) == {chair.term_id: "She retires"}


async def test_begun_later_than_was_entered_the_chair_before_stayed_until_then(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4; and when it turns out never to have begun, she went on all the time."""
    assert (await correct(abbey, change.term_id, Correction(from_date=REALLY))).goes_on == (change.ended,)
    assert (await until(abbey, change.ended), await asked(abbey)) == (REALLY, [])
    assert (await withdraw(abbey, change.term_id)).goes_on == (change.ended,)
    assert await until(abbey, change.ended) is None


async def test_where_another_followed_meanwhile_the_chair_before_went_on_until_then(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4, W-05: of two changes the first never was; then the second neither."""
    second = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["officer"], from_date=TODAY, route="meeting"
        )
    )
    assert (await withdraw(abbey, change.term_id)).goes_on == (change.ended,)
    assert await until(abbey, change.ended) == TODAY
    assert (await withdraw(abbey, second.term_id)).goes_on == (change.ended,)
    assert await until(abbey, change.ended) is None
    assert (await abbey.answers(ELM))[-1][2:] == ("chair", abbey.people["chair"])


async def test_of_a_body_that_closes_meanwhile_she_goes_on_until_then_and_further_if_it_doesn_t(
    abbey: Authority, change: OfficeChanged
) -> None:
    """W-02, R0.4"""
    closes = date(2024, 5, 1)
    await abbey.do(lambda uow: close_body(uow, abbey.body_id, closed_on=closes, reason="A merger"))
    await withdraw(abbey, change.term_id)
    assert await until(abbey, change.ended) == closes
    await abbey.do(lambda uow: withdraw_closing(uow, abbey.body_id, reason="It goes on", withdrawn_by="officer"))
    assert await until(abbey, change.ended) is None


async def test_where_she_has_come_to_the_other_post_it_is_asked_whether_she_went_on(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4, W-04: nobody holds both."""
    await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="deputy", person_id=abbey.people["chair"], from_date=TODAY, route="meeting"
        )
    )
    (said,) = (await withdraw(abbey, change.term_id)).asks
    assert said.endswith("If it went on, correct its last day: until then the office is vacant")
    assert (await until(abbey, change.ended), [urn for urn, _ in await asked(abbey)]) == (BEGAN, [CHAIRS_SCHOOL])


async def test_of_a_change_of_which_that_was_not_kept_it_is_asked_until_her_end_is_put_right(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4, W-17"""
    assert change.ended is not None
    await forgotten(abbey, change.term_id)
    (said,) = (await withdraw(abbey, change.term_id)).asks
    assert said == (
        f"The chair in term {change.ended} ended on 1 March 2024 only because the chair of term {change.term_id} began then, "
        "which never was. If it went on, correct its last day: until then the office is vacant"
    )
    assert await asked(abbey) == [(CHAIRS_SCHOOL, said)]
    await correct(abbey, change.ended, Correction(no_end=True))
    assert await asked(abbey) == []
    assert (await abbey.answers(ELM))[-1][2:] == ("chair", abbey.people["chair"])


async def test_what_an_officer_has_said_of_her_end_since_stays(abbey: Authority, change: OfficeChanged) -> None:
    """R0.4: she ended earlier, and nobody followed her after all."""
    assert change.ended is not None
    before = date(2024, 2, 20)
    await correct(abbey, change.ended, Correction(until=before))
    withdrawn = await withdraw(abbey, change.term_id)
    assert (withdrawn.goes_on, withdrawn.asks) == ((), ())
    assert await until(abbey, change.ended) == before


async def test_another_person_in_the_same_term_asks_nobody(abbey: Authority, change: OfficeChanged) -> None:
    """R0.4: the one before ended all the same."""
    corrected = await correct(abbey, change.term_id, Correction(person_id=abbey.people["officer"]))
    assert (corrected.asks, await asked(abbey)) == ((), [])


async def test_whoever_acted_as_chair_and_stepped_back_acts_again(abbey: Authority, change: OfficeChanged) -> None:
    """W-04, W-17"""
    await abbey.do(lambda uow: offices.end_office(uow, change.term_id, ended_on=TODAY, reason="She left"))
    acting, chair = date(2024, 3, 21), date(2024, 4, 2)

    async def takes_up(post: str, who: str, on: date) -> OfficeChanged:
        await abbey.on(on)
        return await abbey.do(
            lambda uow: offices.take_up_office(
                uow, abbey.body_id, post=post, person_id=abbey.people[who], from_date=on, until=None, route="meeting"
            )
        )

    stood_in = await takes_up("acting-chair", "chair", acting)
    wrong = await takes_up("chair", "officer", chair)
    assert (await withdraw(abbey, wrong.term_id)).goes_on == (stood_in.term_id,)
    assert await until(abbey, stood_in.term_id) is None
    assert await asked(abbey) == []


async def test_a_term_that_an_officer_ended_herself_stays_ended_and_nobody_is_asked(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4"""
    await abbey.do(lambda uow: offices.end_office(uow, change.term_id, ended_on=TODAY, reason="She left"))
    next_one = await abbey.do(
        lambda uow: offices.take_up_office(
            uow,
            abbey.body_id,
            post="chair",
            person_id=abbey.people["officer"],
            from_date=TODAY,
            until=None,
            route="meeting",
        )
    )
    assert (await withdraw(abbey, next_one.term_id)).asks == ()
