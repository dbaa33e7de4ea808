"""The closing of a body that was a slip: withdrawn, or put on its right day, before and after its day (W-02, R0.4)."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import Body, TermsBeginLater
from services.membership.domain.closing import ClosesBeforeItOpens, ClosesNever, PlaceBeginsLater
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.domain.place import PlaceCorrection
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import standing
from services.membership.store import bodies
from services.membership.store.facts import facts_of
from services.membership.use_cases import offices, places
from services.membership.use_cases.close_body import BodyClosed, correct_closing, withdraw_closing
from services.membership.use_cases.correct_places import correct_place, withdraw_place
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import ACADEMIES, SCHOOLS, START, Authority, line
from tests.store.membership.test_bodies_close import (
    BOTH,
    CLOSES,
    ELM,
    ENDED,
    LATER,
    LEFT,
    RECORDED,
    TODAY,
    answers,
    asked,
    closes,
    network_in,
)  # fmt: skip

JOINED, CORRECTED, REASSIGNED, HISTORY = (
    "school.joined-body", "office.corrected", "representation.reassigned", "history.corrected",
)  # fmt: skip
AFTER = date(2024, 5, 20)


@pytest.fixture
async def network(abbey: Authority) -> Body:
    """An area network that leads an all-through school and closes on 1 May."""
    made = await network_in(abbey, None)
    await abbey.on(TODAY)
    await closes(abbey, made.body_id)
    await abbey.forget_said()
    return made


async def withdraw(abbey: Authority, body_id: UUID, reason: str = "It goes on") -> BodyClosed:
    return await abbey.do(lambda uow: withdraw_closing(uow, body_id, reason=reason, withdrawn_by="officer"))


async def correct(abbey: Authority, body_id: UUID, on: date, reason: str = "The letter says so") -> BodyClosed:
    return await abbey.do(
        lambda uow: correct_closing(uow, body_id, closed_on=on, reason=reason, corrected_by="officer")
    )


async def goes_on(abbey: Authority, body: Body) -> tuple[list[Any], list[Any]]:
    """Until when its schools belong to it and its officers are in office."""
    async with abbey.store.unit() as uow:
        held = await bodies.members(uow, [body.body_id])
        terms = await bodies.terms(uow, [body.body_id])
    return [(each.urn, each.from_date, each.until) for each in held], [(each.post, each.until) for each in terms]


async def said(abbey: Authority, *types: str) -> list[str]:
    return [each.type for each in await abbey.said(*types)]


async def leads(abbey: Authority, on: date, *, known: date) -> Any:
    """The body whose chair speaks for the school on a day, by what was known at the end of another."""
    facts = (await abbey.do(partial(facts_of, schools=[BOTH], known=known)))[BOTH]
    speaker = standing(facts, on).speaker(Matter.GENERAL)
    return speaker.body_id if speaker is not None else None


async def test_withdrawn_before_its_day_the_body_goes_on_and_nobody_was_told_that_anything_ended(
    abbey: Authority, network: Body
) -> None:
    """W-02, R0.4"""
    done = await withdraw(abbey, network.body_id)
    assert (done.closed_on, done.schools, len(done.terms), done.changed) == (None, [BOTH], 1, True)
    recorded, office = await abbey.said()
    assert (recorded.type, recorded.data["closed_on"]) == (RECORDED, None)
    assert (office.type, office.data["after"]["until"]) == (CORRECTED, None)
    assert await goes_on(abbey, network) == ([(BOTH, START, None)], [("chair", None)])
    await abbey.on(CLOSES)
    assert await answers(abbey, BOTH) == ("chair", "chair", network.body_id)
    assert await said(abbey, LEFT, ENDED, REASSIGNED) == []


async def test_withdrawn_after_its_day_places_and_offices_go_on_and_the_days_between_are_corrected(
    abbey: Authority, network: Body
) -> None:
    """W-02, R0.3, R0.4: who spoke meanwhile stays as it was answered."""
    await abbey.on(AFTER)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)
    await abbey.forget_said()
    await withdraw(abbey, network.body_id)
    assert await goes_on(abbey, network) == ([(BOTH, START, None)], [("chair", None)])
    assert [(since, person) for since, _, _, person in await abbey.answers(BOTH)] == [
        (START, abbey.people["newcomer"]),
        (CLOSES, abbey.people["chair"]),
        (AFTER, abbey.people["newcomer"]),
    ]
    (told,) = await abbey.said(REASSIGNED)
    assert told.data["general_after"]["body_id"] == str(network.body_id)
    (history,) = await abbey.said(HISTORY)
    assert [history.data[name] for name in ("what", "from_date", "until")] == [
        "representation", "2024-05-01", "2024-05-20",
    ]  # fmt: skip
    (corrected,) = await abbey.said(CORRECTED)
    assert (corrected.data["before"]["until"], corrected.data["after"]["until"]) == ("2024-05-01", None)
    assert [(each.type, each.data.get("left_on") or each.data["from_date"]) for each in await abbey.said(LEFT, JOINED)
            if each.data["body_id"] == str(network.body_id)] == [
        (LEFT, START.isoformat()),  # on the day on which it joined: what was told of its end is taken back
        (JOINED, START.isoformat()),
    ]  # fmt: skip


async def test_what_was_known_of_the_closing_on_each_day_stays_known(abbey: Authority, network: Body) -> None:
    """R0.4: as known before it was entered, while it stood, and since it was withdrawn."""
    await abbey.on(AFTER)
    await withdraw(abbey, network.body_id)
    assert await leads(abbey, AFTER, known=START) == network.body_id
    assert await leads(abbey, AFTER, known=CLOSES) == abbey.body_id
    assert await leads(abbey, AFTER, known=AFTER) == network.body_id


async def test_an_explanation_as_known_before_the_closing_was_entered_knows_nothing_of_it(
    abbey: Authority, network: Body
) -> None:
    """R0.4: `consortia explain --on DAY --known DAY`."""
    await abbey.on(AFTER)

    async def explained(known: date) -> Any:
        return (await abbey.do(lambda uow: explain(uow, BOTH, AFTER, known)))["general"]["person"]["person_id"]

    assert await explained(START) == abbey.people["newcomer"], "who leads the network"
    assert await explained(TODAY) == abbey.people["chair"], "from the day on which the closing was entered"


async def test_of_a_body_that_was_recorded_as_closed_it_is_known_when_that_was_put_right(abbey: Authority) -> None:
    """W-02, R0.4: taken on with the day of its closing; its place and its term ran on and were passed over."""
    body = await network_in(abbey, CLOSES)
    await abbey.on(AFTER)
    assert await answers(abbey, BOTH) == ("duty-desk", "no-body", None)
    await abbey.forget_said()
    await withdraw(abbey, body.body_id)
    assert await answers(abbey, BOTH) == ("chair", "chair", body.body_id)
    assert await said(abbey, HISTORY) == [HISTORY]
    assert await leads(abbey, AFTER, known=CLOSES) is None
    assert await leads(abbey, AFTER, known=AFTER) == body.body_id


async def test_put_on_a_later_day_before_its_day_it_closes_then(abbey: Authority, network: Body) -> None:
    """W-02"""
    done = await correct(abbey, network.body_id, LATER)
    assert (done.closed_on, done.schools, len(done.terms)) == (LATER, [BOTH], 1)
    await abbey.on(CLOSES)
    assert await answers(abbey, BOTH) == ("chair", "chair", network.body_id)
    assert await said(abbey, LEFT, ENDED) == []
    await abbey.on(LATER)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)
    assert await said(abbey, LEFT, ENDED) == [ENDED, LEFT]
    await withdraw(abbey, network.body_id)
    assert await goes_on(abbey, network) == ([(BOTH, START, None)], [("chair", None)])


async def test_put_on_a_later_day_after_its_day_it_is_open_again_until_then(abbey: Authority, network: Body) -> None:
    """W-02, R0.4"""
    await abbey.on(AFTER)
    await abbey.forget_said()
    await correct(abbey, network.body_id, LATER)
    assert await answers(abbey, BOTH) == ("chair", "chair", network.body_id)
    assert await said(abbey, HISTORY) == [HISTORY]
    await abbey.forget_said()
    await abbey.on(LATER)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)
    assert [each.data["left_on"] for each in await abbey.said(LEFT)] == [LATER.isoformat()]
    assert [each.data["ended_on"] for each in await abbey.said(ENDED)] == [LATER.isoformat()]


async def test_put_on_an_earlier_day_that_has_gone_the_days_since_are_corrected(
    abbey: Authority, network: Body
) -> None:
    """R0.4: it was entered for 1 May and closed on 4 March; that is learned on 12 March."""
    really, learned = date(2024, 3, 4), date(2024, 3, 12)
    await abbey.on(learned)
    await abbey.forget_said()
    await correct(abbey, network.body_id, really)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)
    assert [each.data["left_on"] for each in await abbey.said(LEFT)] == ["2024-03-04"]
    (corrected,) = await abbey.said(CORRECTED)
    assert (corrected.data["after"]["until"], corrected.data["after"]["ended"]) == ("2024-03-04", True)
    (history,) = await abbey.said(HISTORY)
    assert (history.data["from_date"], history.data["until"]) == ("2024-03-04", "2024-03-12")


async def test_a_place_in_parts_closes_and_goes_on_whole(abbey: Authority, network: Body) -> None:
    """R0.3, R0.4: since 5 March the network leads the school no longer; it had closed the day before."""
    turned, really, learned = date(2024, 3, 5), date(2024, 3, 4), date(2024, 3, 12)
    await abbey.on(turned)
    await abbey.do(lambda uow: places.name_lead_body(uow, BOTH, abbey.body_id, from_date=turned, named_by="ms officer"))
    await abbey.on(learned)
    await abbey.forget_said()
    await correct(abbey, network.body_id, really)
    assert (await goes_on(abbey, network))[0] == [(BOTH, START, really)]
    assert sorted(each.data["left_on"] for each in await abbey.said(LEFT)) == ["2024-03-04", "2024-03-05"]
    await withdraw(abbey, network.body_id)
    assert (await goes_on(abbey, network))[0] == [(BOTH, START, turned), (BOTH, turned, None)]
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)


async def test_a_place_that_was_entered_in_the_wrong_body_has_no_end_by_its_closing(
    abbey: Authority, network: Body
) -> None:
    """R0.4: and one that is put right within a body ends with it."""
    taken = await abbey.do(
        lambda uow: correct_place(
            uow,
            network.body_id,
            BOTH,
            PlaceCorrection(from_date=TODAY),
            on=TODAY,
            reason="A slip",
            corrected_by="officer",
        )
    )
    assert taken.until == CLOSES
    await abbey.do(lambda uow: withdraw_place(
        uow, abbey.body_id, BOTH, on=TODAY, reason="A slip", withdrawn_by="officer"
    ))  # fmt: skip
    taken = await abbey.do(
        lambda uow: correct_place(
            uow, network.body_id, BOTH, PlaceCorrection(body_id=abbey.body_id), on=TODAY, reason="A slip",
            corrected_by="officer",
        )
    )  # fmt: skip
    assert (taken.body_id, taken.until) == (abbey.body_id, None)
    assert (await withdraw(abbey, network.body_id)).schools == []


async def test_what_was_entered_while_it_was_to_close_goes_on_too(abbey: Authority, network: Body) -> None:
    """W-02, W-04: a school that joined and a chair who took over were entered with no end, and cut at the closing."""
    await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=TODAY, by="ms officer"))
    await abbey.do(
        lambda uow: offices.change_office(
            uow, network.body_id, post="chair", person_id=abbey.people["officer"], from_date=TODAY, route="meeting"
        )
    )
    await abbey.forget_said()
    await withdraw(abbey, network.body_id)
    held, terms = await goes_on(abbey, network)
    assert held == [(ELM, TODAY, None), (BOTH, START, None)]
    assert terms == [("chair", TODAY), ("chair", None)]
    (corrected,) = await abbey.said(CORRECTED)  # her taking up was told with its end
    assert corrected.data["after"]["until"] is None


async def test_a_place_that_was_planned_for_later_comes_back(abbey: Authority) -> None:
    """W-02: it was taken back with the closing, and told to nobody."""
    body = await network_in(abbey, None)
    await abbey.on(TODAY)
    await abbey.do(lambda uow: places.join(uow, body.body_id, ELM, from_date=LATER, by="ms officer"))
    await closes(abbey, body.body_id)
    assert (await goes_on(abbey, body))[0] == [(BOTH, START, CLOSES)]
    await withdraw(abbey, body.body_id)
    assert (await goes_on(abbey, body))[0] == [(ELM, LATER, None), (BOTH, START, None)]
    await abbey.on(LATER)
    assert (await answers(abbey, ELM))[2] == body.body_id


async def test_what_an_officer_ended_otherwise_meanwhile_stays_as_she_said(abbey: Authority, network: Body) -> None:
    """R0.4"""
    left = date(2024, 4, 1)
    await abbey.do(lambda uow: places.leave(uow, network.body_id, BOTH, left_on=left))
    async with abbey.store.unit() as uow:
        (term,) = await bodies.terms(uow, [network.body_id])
    await abbey.do(lambda uow: offices.end_office(uow, term.term_id, ended_on=left, reason="She left"))
    done = await withdraw(abbey, network.body_id)
    assert (done.schools, done.terms) == ([], [])
    assert await goes_on(abbey, network) == ([(BOTH, START, left)], [("chair", left)])


async def test_of_schools_that_are_in_a_body_after_all_nobody_is_asked_any_more(
    abbey: Authority, network: Body
) -> None:
    """R0.3: Abbey closes, later than was entered, then not at all."""
    await closes(abbey, abbey.body_id)
    alone = sorted([*SCHOOLS, *ACADEMIES])
    await abbey.on(CLOSES)
    assert await asked(abbey) == [*alone, BOTH]
    await correct(abbey, abbey.body_id, LATER)
    await abbey.on(LATER)
    assert await asked(abbey) == [*alone, BOTH]
    await withdraw(abbey, abbey.body_id)
    assert BOTH not in await asked(abbey)
    assert await asked(abbey) == []


async def test_of_a_closing_that_was_on_an_earlier_day_it_is_asked_once_of_each_school(abbey: Authority) -> None:
    """R0.3"""
    await abbey.on(TODAY)
    closed = await closes(abbey, abbey.body_id)
    await abbey.on(date(2024, 3, 12))
    await correct(abbey, abbey.body_id, date(2024, 3, 4))
    assert await asked(abbey) == closed.in_no_body


async def test_a_school_that_came_to_another_body_meanwhile_is_named(abbey: Authority, network: Body) -> None:
    """W-02: whether it is to stay there is for an officer to say."""
    await closes(abbey, abbey.body_id, CLOSES)
    await correct(abbey, network.body_id, LATER)
    await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=CLOSES, by="ms officer"))
    assert (await withdraw(abbey, abbey.body_id)).elsewhere == (ELM,)


@pytest.mark.parametrize(
    ("on", "reason", "refusal"),
    [
        (LATER, " ", CorrectionNeedsReason),
        (CLOSES, "A slip", NothingToCorrect),
        (START, "A slip", ClosesBeforeItOpens),
    ],
)
async def test_a_correction_of_the_day_says_why_and_gives_another_on_which_the_body_was_open(
    abbey: Authority, network: Body, on: date, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await correct(abbey, network.body_id, on, reason)
    assert await abbey.said() == []


async def test_a_body_that_does_not_close_has_no_closing_to_put_right(abbey: Authority, network: Body) -> None:
    await withdraw(abbey, network.body_id)
    for act in (partial(withdraw, abbey, network.body_id), partial(correct, abbey, network.body_id, LATER)):
        with pytest.raises(ClosesNever):
            await act()


async def test_what_began_since_the_day_on_which_it_really_closed_is_withdrawn_first(
    abbey: Authority, network: Body
) -> None:
    """W-04, R0.4: nobody guesses whether the school, or the chair, ever was there."""
    joined, changed, learned = date(2024, 3, 8), date(2024, 3, 11), date(2024, 3, 20)
    await abbey.on(joined)
    await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=joined, by="ms officer"))
    await abbey.on(changed)
    await abbey.do(
        lambda uow: offices.change_office(
            uow, network.body_id, post="chair", person_id=abbey.people["officer"], from_date=changed, route="meeting"
        )
    )
    await abbey.on(learned)
    with pytest.raises(TermsBeginLater, match="11 March 2024"):
        await correct(abbey, network.body_id, date(2024, 3, 9))
    with pytest.raises(TermsBeginLater):
        await correct(abbey, network.body_id, changed)
    await correct(abbey, network.body_id, date(2024, 3, 12))
    await withdraw(abbey, network.body_id)


async def test_a_school_that_joined_on_or_after_that_day_is_withdrawn_first(abbey: Authority, network: Body) -> None:
    """R0.4"""
    joined = date(2024, 3, 8)
    await abbey.on(joined)
    await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=joined, by="ms officer"))
    with pytest.raises(PlaceBeginsLater, match="900003 belongs to Avon Network from 8 March 2024"):
        await correct(abbey, network.body_id, joined)


async def test_an_officer_corrects_and_withdraws_it_and_reads_why(abbey: Authority, network: Body, ask: Ask) -> None:
    """R0.4"""
    path = f"/bodies/{network.body_id}/closing"
    for _ in range(2):
        answer = await ask(
            f"{path}/correct", OFFICER, {"closed_on": "2024-06-03", "reason": "The letter says June"}, key="june"
        )
        assert (answer.status_code, answer.json()["closed_on"]) == (200, "2024-06-03"), answer.text
    answer = await ask(f"{path}/withdraw", OFFICER, {"reason": "It goes on"}, key="goes-on")
    assert (answer.status_code, answer.json()["closed_on"], answer.json()["schools"]) == (200, None, [BOTH])
    listed = (await ask(f"/schools/{BOTH}/corrections", OFFICER)).json()
    assert [(each["kind"], each["fact_id"], each["withdrawn"], each["reason"]) for each in listed] == [
        ("closing", str(network.body_id), True, "It goes on"),
        ("closing", str(network.body_id), False, "The letter says June"),
    ]


async def test_a_school_that_has_come_to_another_authority_is_not_taken_in_again_without_a_sign_in_for_it(
    abbey: Authority, network: Body, ask: Ask
) -> None:
    """Decision 20: a body may let go of a school whosever it is, but not take it in."""
    await abbey.do(lambda uow: keep_schools(uow, [line(BOTH, as_at=TODAY, authority="801", phase="All-through")]))
    for act, body in (("withdraw", {"reason": "A slip"}), ("correct", {"closed_on": "2024-06-03", "reason": "A slip"})):
        answer = await ask(f"/bodies/{network.body_id}/closing/{act}", OFFICER, body)
        assert answer.status_code == 403, answer.text
        assert f"body_id (school {BOTH}, authority 801)" in answer.json()["detail"]
    assert (await goes_on(abbey, network))[0] == [(BOTH, START, CLOSES)]
