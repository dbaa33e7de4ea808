"""While something is held back from a school, the rest reaches it as if that were not there (R0.8, decision 0013)."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from services.membership.domain.category import Inherit
from services.membership.domain.office import Correction
from services.membership.store.withheld import waiting_in
from services.membership.use_cases import appointments, corrections, la_category, offices, overrides, policies
from services.membership.use_cases.who_speaks import category_of, who_speaks
from tests.store.membership.conftest import Authority, Said

REASSIGNED, AS_TOLD = "representation.reassigned", "representation-as-told.changed"
IN_FORCE, CATEGORY_AS_TOLD = "category-in-force.changed", "category-as-told.changed"
DAY = date(2024, 3, 1)
SCHOOL = "900003"
A_DAY = timedelta(days=1)


async def enter(abbey: Authority, category: int, on: date = DAY) -> None:
    await abbey.do(lambda uow: la_category.set_la_category(
        uow, SCHOOL, category=category, from_date=on, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip


async def tell(abbey: Authority, on: date) -> list[UUID]:
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=on, told_by="officer"))
    return told.releases


async def allocate(abbey: Authority) -> None:
    await abbey.do(lambda uow: appointments.allocate_system_leader(
        uow, SCHOOL, person_id=abbey.people["leader"], from_date=uow.today, until=None
    ))  # fmt: skip


async def change_chair(abbey: Authority, on: date, name: str = "newcomer") -> None:
    await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people[name], from_date=on, route="meeting"
    ))  # fmt: skip


async def override(abbey: Authority, until: date) -> UUID:
    made = await abbey.do(lambda uow: overrides.set_override(
        uow, SCHOOL, matter="both", person_id=abbey.people["leader"], from_date=DAY, until=until, reason="The chair is ill",
        set_by="officer",
    ))  # fmt: skip
    return made.override_id


async def as_the_head_sees(abbey: Authority) -> dict[str, Any]:
    return await abbey.do(lambda uow: who_speaks(uow, SCHOOL, "general", None, to_the_school=True))


async def speaks(abbey: Authority) -> str:
    found: str = (await as_the_head_sees(abbey))["role"]
    return found


async def reassigned(abbey: Authority) -> list[tuple[str, bool]]:
    return [(each.type, each.told) for each in await abbey.said(REASSIGNED, AS_TOLD, urn=SCHOOL)]


async def test_a_change_of_chair_reaches_a_school_with_an_untold_entry_and_the_entry_stays_unseen(
    abbey: Authority,
) -> None:
    """R0.8: really the duty desk speaks, and the head and both chairs hear what they would hear without the entry."""
    await abbey.on(DAY)
    await enter(abbey, 4)
    await abbey.forget_said()
    await abbey.on(DAY + A_DAY)
    await change_chair(abbey, DAY + A_DAY)
    (shown,) = await abbey.said(REASSIGNED, AS_TOLD, urn=SCHOOL)
    assert (shown.type, shown.told) == (AS_TOLD, True)
    assert [shown.data[f"general_{when}"]["person_id"] for when in ("before", "after")] == [
        str(abbey.people[name]) for name in ("chair", "newcomer")
    ]
    seen = await as_the_head_sees(abbey)
    assert (seen["person_id"], seen["valid_from"]) == (abbey.people["newcomer"], DAY + A_DAY)
    assert seen["recorded_at"] is not None
    await tell(abbey, DAY + A_DAY)
    assert await speaks(abbey) == "duty-desk"


async def categories(abbey: Authority) -> list[tuple[str, int | None, int | None, str, bool]]:
    return [
        (each.type, each.data["before"], each.data["after"], each.data["because"], each.told)
        for each in await abbey.said(IN_FORCE, CATEGORY_AS_TOLD, urn=SCHOOL)
    ]


async def adopt(abbey: Authority, name: str) -> None:
    await abbey.do(lambda uow: policies.adopt_category_policy(
        uow, "937", name=name, from_date=uow.today, inherit=Inherit.CONVERTERS, reason="Why", adopted_by="officer"
    ))  # fmt: skip


async def test_what_changes_the_category_in_public_under_an_untold_entry_is_told_as_the_school_knows_it(
    abbey: Authority,
) -> None:
    """R0.8, decision 0013: where no outcome is told that says it, another policy too; what is in force stays a 4."""
    await abbey.on(DAY)
    await abbey.publish(SCHOOL, DAY, headline=3)
    await enter(abbey, 4)
    await abbey.forget_said()
    await abbey.on(DAY + A_DAY)
    await adopt(abbey, "la")
    assert await categories(abbey) == [(CATEGORY_AS_TOLD, 3, None, "policy", True)]
    await abbey.forget_said()
    await tell(abbey, DAY + A_DAY)
    assert await categories(abbey) == []  # what was held back goes out, and says it


async def test_a_category_that_changes_alike_in_both_worlds_is_told_once(abbey: Authority) -> None:
    """R0.8: an untold allocation stands, of which no category depends."""
    await abbey.on(DAY)
    await allocate(abbey)
    await abbey.forget_said()
    await abbey.publish(SCHOOL, DAY, headline=3)
    assert await categories(abbey) == [(IN_FORCE, None, 3, "outcome", True)]


async def test_what_is_in_force_changes_in_secret_where_the_school_knows_of_an_entry(abbey: Authority) -> None:
    """R0.8: its lifting was not told, so what is published since changes nothing that it knows."""
    await abbey.on(DAY)
    await enter(abbey, 4)
    await tell(abbey, DAY)
    await abbey.do(lambda uow: la_category.lift_la_category(
        uow, SCHOOL, lifted_on=DAY, reason="Mended", lifted_by="officer"
    ))  # fmt: skip
    await abbey.forget_said()
    await abbey.publish(SCHOOL, DAY, headline=3)
    assert await categories(abbey) == [(IN_FORCE, None, 3, "outcome", False)]


async def test_an_untold_lifting_does_not_show_through_a_later_change_of_chair(abbey: Authority) -> None:
    """R0.8: the school knows of its entry of 4, so another chair is no news to it; that the chair speaks again would be."""
    await abbey.on(DAY)
    await enter(abbey, 4)
    await tell(abbey, DAY)
    lifted = DAY + 7 * A_DAY
    await abbey.do(lambda uow: la_category.lift_la_category(
        uow, SCHOOL, lifted_on=lifted, reason="Mended", lifted_by="officer"
    ))  # fmt: skip
    await abbey.on(lifted)
    await abbey.forget_said()
    await abbey.on(lifted + A_DAY)
    await change_chair(abbey, lifted + A_DAY)
    assert await reassigned(abbey) == [(REASSIGNED, False)]
    assert await speaks(abbey) == "duty-desk"


async def test_what_both_worlds_see_alike_is_told_once(abbey: Authority) -> None:
    """R0.8, W-20: an untold allocation changes nothing while the chair speaks."""
    await abbey.on(DAY)
    await abbey.do(lambda uow: appointments.allocate_system_leader(
        uow, SCHOOL, person_id=abbey.people["leader"], from_date=DAY, until=None
    ))  # fmt: skip
    await abbey.forget_said()
    await change_chair(abbey, DAY)
    assert await reassigned(abbey) == [(REASSIGNED, True)]


async def test_a_change_of_chair_on_the_day_of_an_entry_reaches_the_school_in_its_own_story(abbey: Authority) -> None:
    """R0.8, D3.10"""
    await enter(abbey, 4)
    await change_chair(abbey, DAY)
    await abbey.forget_said()
    await abbey.on(DAY)
    secret = {each.correlation_id for each in await abbey.said("la-category.set")}
    shown: list[Said] = await abbey.said(AS_TOLD, urn=SCHOOL)
    assert [each.told for each in shown] == [True]
    assert not secret & {each.correlation_id for each in shown}
    assert (await as_the_head_sees(abbey))["person_id"] == abbey.people["newcomer"]


async def test_an_override_expires_for_the_school_as_it_was_told(abbey: Authority) -> None:
    """R0.8, W-19: "until DATE" was part of what it was told."""
    until = DAY + 7 * A_DAY
    await abbey.on(DAY)
    await override(abbey, until)
    await tell(abbey, DAY)
    seen = await as_the_head_sees(abbey)
    assert (seen["role"], seen["override"]) == ("named-person", {"until": until})
    await abbey.forget_said()
    await abbey.on(until)
    assert await reassigned(abbey) == [(REASSIGNED, True)]
    assert await speaks(abbey) == "chair"


async def test_an_override_that_ends_earlier_goes_on_for_the_school_until_it_is_told_or_until_its_day(
    abbey: Authority,
) -> None:
    """R0.8, W-19"""
    until, ends = DAY + 7 * A_DAY, DAY + 3 * A_DAY
    await abbey.on(DAY)
    override_id = await override(abbey, until)
    await tell(abbey, DAY)
    await abbey.do(lambda uow: overrides.end_override(
        uow, override_id, ended_on=ends, reason="The chair is back", ended_by="officer"
    ))  # fmt: skip
    for day in (DAY, ends):
        await abbey.on(day)
        seen = await as_the_head_sees(abbey)
        assert (seen["role"], seen["override"]) == ("named-person", {"until": until}), day
    assert (await reassigned(abbey))[-1] == (REASSIGNED, False)
    await abbey.on(until)
    assert (await reassigned(abbey))[-1] == (AS_TOLD, True)
    assert await speaks(abbey) == "chair"


async def test_a_correction_of_an_allocation_leaves_the_school_with_what_it_was_told_whatever_happens_meanwhile(
    abbey: Authority,
) -> None:
    """R0.8, R0.4"""
    await abbey.on(DAY)
    allocated = await abbey.do(lambda uow: appointments.allocate_system_leader(
        uow, SCHOOL, person_id=abbey.people["leader"], from_date=DAY, until=None
    ))  # fmt: skip
    await abbey.publish(SCHOOL, DAY, headline=4)
    await tell(abbey, DAY)
    await abbey.on(DAY + A_DAY)
    await abbey.forget_said()
    wrong = Correction(abbey.people["newcomer"], None, None, False)
    await abbey.do(lambda uow: corrections.correct_allocation(
        uow, allocated.allocation_id, wrong, reason="The wrong leader", corrected_by="officer"
    ))  # fmt: skip
    await change_chair(abbey, DAY + A_DAY, "officer")  # looks at the school again
    assert (await as_the_head_sees(abbey))["person_id"] == abbey.people["leader"]
    assert not await abbey.said(AS_TOLD, urn=SCHOOL)
    await tell(abbey, DAY + A_DAY)
    assert (await as_the_head_sees(abbey))["person_id"] == abbey.people["newcomer"]


async def test_a_planned_entry_is_not_known_on_its_day_before_the_day_was_turned(abbey: Authority) -> None:
    """R0.8, D3.10: after downtime, or early in the morning."""
    await enter(abbey, 4)
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", DAY))
    seen = await abbey.do(lambda uow: category_of(uow, SCHOOL, None, to_the_school=True))
    assert seen["category"] is None


async def test_a_telling_entered_late_lets_out_what_was_held_back_by_its_day_and_nothing_of_later_days(
    abbey: Authority,
) -> None:
    """R0.8: told of its entry on the 3rd, which is entered on the 7th; on the 6th a leader was allocated."""
    await abbey.on(DAY)
    await enter(abbey, 4)
    (entry,) = {each.correlation_id for each in await abbey.said("la-category.set")}
    await abbey.on(DAY + 5 * A_DAY)
    await allocate(abbey)
    (allocation,) = {each.correlation_id for each in await abbey.said("allocation.made") if each.data["urn"] == SCHOOL}
    await abbey.on(DAY + 6 * A_DAY)
    await abbey.forget_said()
    assert await tell(abbey, DAY + 2 * A_DAY) == [entry]
    assert [each.correlation_id for each in await abbey.do(lambda uow: waiting_in(uow, "937"))] == [allocation]
    seen = await as_the_head_sees(abbey)
    assert (seen["role"], seen["valid_from"], seen["category"]) == ("duty-desk", DAY, 4)
    assert await reassigned(abbey) == []  # what went out says it already
    await change_chair(abbey, DAY + 6 * A_DAY)
    assert await reassigned(abbey) == []  # she knows that the desk speaks
    assert await speaks(abbey) == "duty-desk"
    assert await tell(abbey, DAY + 6 * A_DAY) == [allocation]
    assert await speaks(abbey) == "system-leader"


async def test_after_a_telling_of_a_part_the_school_knows_itself_by_that_and_by_what_is_public(
    abbey: Authority,
) -> None:
    """R0.8: told of the allocation, not of the entry of 1 made since; meanwhile a 4 is published: the leader speaks."""
    await abbey.on(DAY)
    await allocate(abbey)
    await abbey.on(DAY + A_DAY)
    await enter(abbey, 1)
    await abbey.forget_said()
    await abbey.publish(SCHOOL, DAY + A_DAY, headline=4)
    await tell(abbey, DAY)
    assert await speaks(abbey) == "system-leader"
    await change_chair(abbey, DAY + A_DAY)
    assert await reassigned(abbey) == [(AS_TOLD, True), (REASSIGNED, False)]  # really the chair speaks, and another now


async def test_by_which_day_something_was_held_back_is_a_matter_of_the_day_in_london(abbey: Authority) -> None:
    """R0.8: half past eleven of the evening by universal time is half past midnight in a British summer."""
    summer = date(2024, 7, 1)
    await abbey.on(summer)
    await enter(abbey, 4, summer)
    await abbey.do(
        lambda uow: uow.execute(
            "update withheld set acted_on = null, withheld_at = '2024-06-30T23:30Z' where urn = $1", SCHOOL
        )
    )
    assert await tell(abbey, summer - A_DAY) == []
    assert await speaks(abbey) == "chair"
    assert len(await tell(abbey, summer)) == 1


async def test_a_school_that_waited_before_there_was_a_second_record_gets_one_from_what_it_was_answered_by_then(
    abbey: Authority,
) -> None:
    """R0.8: the chair has changed since, which public facts alone decide, and nobody could tell the school."""
    await abbey.on(DAY)
    await enter(abbey, 4)
    await abbey.on(DAY + A_DAY)
    await change_chair(abbey, DAY + A_DAY)
    for record in ("answer_as_told", "representation_as_told"):
        await abbey.do(lambda uow, record=record: uow.execute(f"delete from {record}"))  # type: ignore[misc]
    await abbey.forget_said()
    filling = import_module("services.membership.store.migrations.versions.0015_waited_before").FILL
    await abbey.do(lambda uow: uow.execute(filling))
    seen = await as_the_head_sees(abbey)
    assert (seen["role"], seen["person_id"]) == ("chair", abbey.people["chair"])
    await abbey.on(DAY + A_DAY)
    assert await reassigned(abbey) == [(AS_TOLD, True)]
    assert (await as_the_head_sees(abbey))["person_id"] == abbey.people["newcomer"]
    await tell(abbey, DAY + A_DAY)
    assert await speaks(abbey) == "duty-desk"
