"""A head, or a trust's chief executive, leaves; or was entered wrongly (W-16, R0.3, R0.4, D3.1, D3.10)."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.appointment import AlreadyInPost, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.in_post import NobodyInPost, PostEndedAlready, PostEndsTooSoon
from services.membership.domain.office import Correction, CorrectionNeedsReason, NothingToCorrect
from services.membership.domain.taken_on import EnteredOtherwise
from services.membership.store import bodies, people
from services.membership.store.corrections import corrections_of
from services.membership.use_cases import appointments, end_headships, offices, places, trust_contacts
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.who_speaks import who_speaks
from tests.store.membership.conftest import ACADEMIES, START, Authority

LARCH, CHIEF, PARTNER = "7001", "chief-executive", "school-improvement-partner"
CHAIRS_SCHOOL = "900001"
FEBRUARY, MARCH, APRIL = date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 8)
HEARD = ("headship.began", "headship.ended", "office-holder.moved-school", "office.corrected")


@pytest.fixture
async def in_march(abbey: Authority) -> Authority:
    await abbey.on(MARCH)
    await abbey.forget_said()
    return abbey


async def speaks(abbey: Authority, urn: str, matter: str, on: date | None = None) -> tuple[str, UUID | None]:
    found = await abbey.do(lambda uow: who_speaks(uow, urn, matter, on))
    return found["role"], found["person_id"]


async def end_chief(abbey: Authority, on: date) -> TrustContact:
    return await abbey.do(lambda uow: trust_contacts.end_trust_contact(uow, LARCH, CHIEF, ended_on=on))


async def enter(abbey: Authority, person: str, since: date, until: date | None = None, post: str = CHIEF) -> None:
    contact = TrustContact(LARCH, post, abbey.people[person], since, until)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[contact])))


async def correct_chief(abbey: Authority, on: date = MARCH, **really: Any) -> TrustContact:
    correction = Correction(**really)
    return await abbey.do(
        lambda uow: trust_contacts.correct_trust_contact(
            uow, LARCH, CHIEF, correction, on=on, reason="A slip", corrected_by="officer"
        )
    )


async def end_head(abbey: Authority, on: date) -> Headship:
    chair = abbey.people["chair"]
    return await abbey.do(lambda uow: end_headships.end_headship(uow, CHAIRS_SCHOOL, chair, ended_on=on))


async def correct_head(abbey: Authority, on: date = MARCH, **really: Any) -> Headship:
    correction, chair = Correction(**really), abbey.people["chair"]
    return await abbey.do(
        lambda uow: end_headships.correct_headship(
            uow, CHAIRS_SCHOOL, chair, correction, on=on, reason="A slip", corrected_by="officer"
        )
    )


async def heard(abbey: Authority) -> list[tuple[str, str, str | None]]:
    """Who heads a school, and which school an office goes with."""
    found = []
    for each in await abbey.said(*HEARD):
        day = each.data.get("ended_on") or each.data.get("moved_on") or each.data.get("from_date")
        found.append((each.type, each.key.split("/")[-1] if each.type.startswith("headship") else "office", day))
    return found


# -- a trust's contacts --------------------------------------------------------------------------


async def test_a_chief_executive_who_leaves_speaks_for_no_academy_of_the_trust_any_more(in_march: Authority) -> None:
    """R0.3b: with neither recorded the duty desk answers, for every academy of the trust."""
    await end_chief(in_march, MARCH)
    told = await in_march.said("representation.reassigned")
    assert [(each.data["urn"], each.data["cause"]) for each in told] == [(urn, "trust") for urn in ACADEMIES]
    for urn in ACADEMIES:
        assert await speaks(in_march, urn, "inspection") == ("duty-desk", None)
    assert await in_march.said("history.corrected") == []


async def test_the_successor_is_entered_on_the_day_on_which_the_post_falls_vacant(in_march: Authority) -> None:
    with pytest.raises(AlreadyInPost, match=r"end it first \(`consortia trust-contact end`\)"):
        await enter(in_march, "newcomer", MARCH)
    await end_chief(in_march, MARCH)
    await enter(in_march, "newcomer", MARCH)
    assert await speaks(in_march, ACADEMIES[0], "inspection") == ("trust-chief-executive", in_march.people["newcomer"])


async def test_an_end_that_lies_ahead_counts_on_its_day_and_not_before(in_march: Authority) -> None:
    """D3.10"""
    await end_chief(in_march, APRIL)
    assert [each.type for each in await in_march.said()] == ["trust-contacts.recorded"]  # by which nobody acts before
    assert (await speaks(in_march, ACADEMIES[0], "inspection"))[0] == "trust-chief-executive"
    await in_march.on(APRIL)
    assert (await speaks(in_march, ACADEMIES[0], "inspection"))[0] == "duty-desk"
    assert len(await in_march.said("representation.reassigned")) == len(ACADEMIES)


async def test_an_end_that_is_learned_late_corrects_the_days_that_have_gone(in_march: Authority) -> None:
    """R0.4, D3.10: who spoke until today stays as it was answered."""
    await end_chief(in_march, FEBRUARY)
    corrected = await in_march.said("history.corrected")
    assert [(each.data["urn"], each.data["from_date"], each.data["until"]) for each in corrected] == [
        (urn, str(FEBRUARY), str(MARCH)) for urn in ACADEMIES
    ]
    assert (await speaks(in_march, ACADEMIES[0], "inspection", FEBRUARY))[0] == "trust-chief-executive"


async def test_a_contact_ends_once_and_not_before_it_begins(in_march: Authority) -> None:
    with pytest.raises(PostEndsTooSoon, match="withdraw it"):
        await end_chief(in_march, START)
    await end_chief(in_march, MARCH)
    with pytest.raises(PostEndedAlready, match="ended on 1 March 2024: if that is wrong, correct it"):
        await end_chief(in_march, APRIL)
    with pytest.raises(NobodyInPost):
        await in_march.do(lambda uow: trust_contacts.end_trust_contact(uow, LARCH, PARTNER, ended_on=MARCH))


async def test_a_contact_that_was_another_person_is_corrected(in_march: Authority) -> None:
    await correct_chief(in_march, person_id=in_march.people["newcomer"])
    assert await speaks(in_march, ACADEMIES[0], "inspection") == ("trust-chief-executive", in_march.people["newcomer"])
    assert {each.data["from_date"] for each in await in_march.said("history.corrected")} == {str(START)}
    (noted,) = await in_march.do(lambda uow: corrections_of(uow, ACADEMIES[0]))
    assert (noted["kind"], noted["fact_id"], noted["withdrawn"], noted["reason"]) == (
        "trust-contact",
        f"{LARCH}/{CHIEF}/{START}",
        False,
        "A slip",
    )


async def test_an_end_that_was_entered_by_mistake_is_corrected_away(in_march: Authority) -> None:
    await end_chief(in_march, MARCH)
    await correct_chief(in_march, on=FEBRUARY, no_end=True)
    assert (await speaks(in_march, ACADEMIES[0], "inspection"))[0] == "trust-chief-executive"
    with pytest.raises(NothingToCorrect):
        await correct_chief(in_march, no_end=True)


async def test_a_correction_does_not_reach_into_the_time_of_another_holder(in_march: Authority) -> None:
    await end_chief(in_march, MARCH)
    await enter(in_march, "newcomer", MARCH)
    with pytest.raises(AlreadyInPost, match="correct that one first"):
        await correct_chief(in_march, on=FEBRUARY, no_end=True)


async def test_a_contact_that_never_was_is_withdrawn_with_its_reason(in_march: Authority) -> None:
    def withdraw(reason: str) -> Any:
        return in_march.do(
            lambda uow: trust_contacts.withdraw_trust_contact(
                uow, LARCH, CHIEF, on=MARCH, reason=reason, withdrawn_by="officer"
            )
        )

    with pytest.raises(CorrectionNeedsReason):
        await withdraw(" ")
    await withdraw("Of another trust")
    assert (await speaks(in_march, ACADEMIES[0], "inspection"))[0] == "duty-desk"
    (noted,) = await in_march.do(lambda uow: corrections_of(uow, ACADEMIES[1]))
    assert (noted["withdrawn"], noted["reason"]) == (True, "Of another trust")


# -- heads ---------------------------------------------------------------------------------------


async def test_a_head_who_leaves_and_stays_chair_speaks_for_the_school_that_she_headed(in_march: Authority) -> None:
    """R0.3: nobody speaks for the school that she heads, and she heads it no longer. Her award goes to no school."""
    chair = in_march.people["chair"]
    assert (await speaks(in_march, CHAIRS_SCHOOL, "general"))[0] == "deputy"
    await end_head(in_march, MARCH)
    assert await speaks(in_march, CHAIRS_SCHOOL, "general") == ("chair", chair)
    assert await heard(in_march) == [
        ("headship.ended", CHAIRS_SCHOOL, str(MARCH)),
        ("office-holder.moved-school", "office", str(MARCH)),
    ]
    (moved,) = await in_march.said("office-holder.moved-school")
    assert (moved.data["from_urn"], moved.data["to_urn"]) == (CHAIRS_SCHOOL, None)


async def test_a_headship_that_ends_on_a_day_to_come_is_told_on_that_day(in_march: Authority) -> None:
    """D3.10, R0.8"""
    await end_head(in_march, APRIL)
    assert await in_march.said() == []
    await in_march.on(APRIL)
    assert await heard(in_march) == [
        ("headship.ended", CHAIRS_SCHOOL, str(APRIL)),
        ("office-holder.moved-school", "office", str(APRIL)),
    ]
    assert (await speaks(in_march, CHAIRS_SCHOOL, "general"))[0] == "chair"


async def test_an_end_of_a_headship_that_is_learned_late_corrects_the_days_that_have_gone(in_march: Authority) -> None:
    """R0.4: the office of those days went with no school, which its readers put right."""
    await end_head(in_march, FEBRUARY)
    (corrected,) = await in_march.said("history.corrected")
    assert (corrected.data["from_date"], corrected.data["until"]) == (str(FEBRUARY), str(MARCH))
    (office,) = await in_march.said("office.corrected")
    assert office.data["after"]["schools"][-1] == {"from_date": str(FEBRUARY), "urn": None}


async def test_a_headship_that_was_another_persons_is_taken_back_and_told_of_the_right_one(in_march: Authority) -> None:
    newcomer = in_march.people["newcomer"]
    await correct_head(in_march, person_id=newcomer)
    told = await in_march.said("headship.ended", "headship.began")
    assert [(each.type, each.data["person_id"]) for each in told] == [
        ("headship.ended", str(in_march.people["chair"])),
        ("headship.began", str(newcomer)),
    ]
    assert told[0].data["ended_on"] == told[0].data["from_date"]
    (noted,) = await in_march.do(lambda uow: corrections_of(uow, CHAIRS_SCHOOL))
    assert (noted["kind"], noted["withdrawn"]) == ("headship", False)


async def test_an_end_of_a_headship_that_was_entered_by_mistake_is_corrected_away(in_march: Authority) -> None:
    """A head's mailbox hears again that she heads the school, last of all."""
    await end_head(in_march, MARCH)
    await in_march.forget_said()
    await correct_head(in_march, on=FEBRUARY, no_end=True)
    assert [thing for thing, *_ in await heard(in_march)] == ["headship.began", "office.corrected"]
    assert (await speaks(in_march, CHAIRS_SCHOOL, "general"))[0] == "deputy"


async def test_an_end_that_moves_to_another_day_that_has_gone_is_told_last(in_march: Authority) -> None:
    await end_head(in_march, MARCH)
    await in_march.forget_said()
    await correct_head(in_march, on=START, until=FEBRUARY)
    assert [each for each in await heard(in_march) if each[0].startswith("headship")] == [
        ("headship.began", CHAIRS_SCHOOL, "2018-09-01"),
        ("headship.ended", CHAIRS_SCHOOL, str(FEBRUARY)),
    ]


async def test_a_move_that_never_was_is_withdrawn_and_she_leaves_where_she_was_all_the_same(
    in_march: Authority,
) -> None:
    """D3.10: planned for April; that she leaves her school then is told on that day, until it is corrected too."""
    chair = in_march.people["chair"]
    await in_march.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=APRIL))
    await in_march.do(
        lambda uow: end_headships.withdraw_headship(
            uow, "900003", chair, on=APRIL, reason="She stays away", withdrawn_by="officer"
        )
    )
    await in_march.on(APRIL)
    assert ("headship.ended", CHAIRS_SCHOOL, str(APRIL)) in await heard(in_march)
    assert [each for each in await heard(in_march) if each[0] == "headship.began"] == []
    (moved,) = await in_march.said("office-holder.moved-school")
    assert (moved.data["from_urn"], moved.data["to_urn"]) == (CHAIRS_SCHOOL, None)


async def test_a_headship_that_never_was_is_withdrawn(in_march: Authority) -> None:
    chair = in_march.people["chair"]
    await in_march.do(
        lambda uow: end_headships.withdraw_headship(
            uow, CHAIRS_SCHOOL, chair, on=MARCH, reason="A namesake", withdrawn_by="officer"
        )
    )
    assert await in_march.do(lambda uow: people.headships(uow, urns=[CHAIRS_SCHOOL])) == []
    (told,) = await in_march.said("headship.ended")
    assert told.data["ended_on"] == "2018-09-01"
    assert (await speaks(in_march, CHAIRS_SCHOOL, "general"))[0] == "chair"


# -- sent again in a take-on ---------------------------------------------------------------------


async def test_what_a_take_on_says_otherwise_of_something_known_is_refused_with_the_cure(in_march: Authority) -> None:
    """Dropped in silence an officer would believe that it had been taken."""
    with pytest.raises(EnteredOtherwise, match=r"`consortia trust-contact end`"):
        await enter(in_march, "chief", START, MARCH)
    with pytest.raises(EnteredOtherwise, match="from 1 September 2023 with no end"):
        await enter(in_march, "newcomer", START)
    ended = Headship(in_march.people["chair"], CHAIRS_SCHOOL, date(2018, 9, 1), MARCH)
    with pytest.raises(EnteredOtherwise, match=r"`consortia headship end`"):
        await in_march.do(lambda uow: take_on(uow, TakenOn("937", headships=[ended])))


async def test_a_part_that_is_sent_again_changes_nothing_of_what_was_ended_or_corrected_since(
    in_march: Authority,
) -> None:
    await end_chief(in_march, FEBRUARY)
    await end_head(in_march, FEBRUARY)
    await in_march.forget_said()
    await enter(in_march, "chief", START)
    again = Headship(in_march.people["chair"], CHAIRS_SCHOOL, date(2018, 9, 1), None)
    await in_march.do(lambda uow: take_on(uow, TakenOn("937", headships=[again])))
    (contact,) = await in_march.do(lambda uow: people.trust_contacts(uow, [LARCH]))
    (head,) = await in_march.do(lambda uow: people.headships(uow, urns=[CHAIRS_SCHOOL]))
    assert contact.until == head.until == FEBRUARY
    assert await in_march.said() == []


async def test_a_part_that_is_sent_again_brings_back_nothing_that_was_corrected(in_march: Authority) -> None:
    """R0.4: the wrong head would head the school beside the right one; the wrong days would be refused as overlapping."""
    await correct_head(in_march, person_id=in_march.people["newcomer"])
    await correct_chief(in_march, from_date=FEBRUARY)
    await in_march.forget_said()
    await enter(in_march, "chief", START)
    again = Headship(in_march.people["chair"], CHAIRS_SCHOOL, date(2018, 9, 1), None)
    await in_march.do(lambda uow: take_on(uow, TakenOn("937", headships=[again])))
    (head,) = await in_march.do(lambda uow: people.headships(uow, urns=[CHAIRS_SCHOOL]))
    (contact,) = await in_march.do(lambda uow: people.trust_contacts(uow, [LARCH]))
    assert (head.person_id, contact.from_date) == (in_march.people["newcomer"], FEBRUARY)
    assert await in_march.said() == []


async def test_a_contact_that_was_withdrawn_by_mistake_is_entered_again(in_march: Authority) -> None:
    await in_march.do(
        lambda uow: trust_contacts.withdraw_trust_contact(
            uow, LARCH, CHIEF, on=MARCH, reason="Of another trust", withdrawn_by="officer"
        )
    )
    await enter(in_march, "chief", START)
    assert (await speaks(in_march, ACADEMIES[0], "inspection"))[0] == "trust-chief-executive"


async def test_an_office_a_place_or_an_allocation_that_a_take_on_says_otherwise_is_refused_too(
    in_march: Authority,
) -> None:
    """W-04, W-18, R0.3: and sent again as they were entered, after an end, they change nothing."""
    (allocation,) = await in_march.do(lambda uow: people.allocations(uow, ["900002"]))
    chair = next(
        each for each in await in_march.do(lambda uow: bodies.terms(uow, [in_march.body_id])) if each.post == "chair"
    )
    place = Membership(in_march.body_id, "900002", START, None, True)
    for ended in (
        TakenOn("937", allocations=[replace(allocation, until=MARCH)]),
        TakenOn("937", terms=[replace(chair, until=MARCH)]),
        TakenOn("937", memberships=[replace(place, until=MARCH)]),
    ):
        with pytest.raises(EnteredOtherwise, match=r"is known already, from \d+ September \d+ with no end"):
            await in_march.do(lambda uow, ended=ended: take_on(uow, ended))  # type: ignore[misc]
    await in_march.do(lambda uow: appointments.end_allocation(uow, allocation.allocation_id, ended_on=MARCH))
    await in_march.do(lambda uow: offices.end_office(uow, chair.term_id, ended_on=MARCH, reason="Over"))
    await in_march.do(lambda uow: places.leave(uow, in_march.body_id, "900002", left_on=MARCH))
    await in_march.forget_said()
    again = TakenOn("937", allocations=[allocation], terms=[chair], memberships=[place])
    taken = await in_march.do(lambda uow: take_on(uow, again))
    assert (taken.allocations, taken.offices, taken.memberships) == (0, 0, 0)
    assert await in_march.said() == []
