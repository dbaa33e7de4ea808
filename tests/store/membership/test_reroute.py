"""One pipeline for every change, on a real database: what is told, of what class, and what stays quiet."""

from datetime import date

from services.membership.use_cases import la_category, offices
from tests.store.membership.conftest import START, Authority

CATEGORY, REASSIGNED, OUTCOME = "category-in-force.changed", "representation.reassigned", "outcome.published"


async def test_take_on_records_who_speaks_and_tells_nobody_that_it_changed(abbey: Authority) -> None:
    assert await abbey.said(REASSIGNED) == []
    assert await abbey.answers("900002") == [(START, None, "chair", abbey.people["chair"])]
    assert await abbey.answers("900001") == [(START, None, "deputy", abbey.people["deputy"])]
    assert [role for _, _, role, _ in await abbey.answers("900011", "inspection")] == ["trust-chief-executive"]


async def test_a_fall_to_category_4_is_told_in_causal_order_and_gives_the_school_to_its_system_leader(
    abbey: Authority,
) -> None:
    """W-18, W-20"""
    await abbey.on(date(2024, 1, 10))
    await abbey.forget_said()
    await abbey.publish("900002", date(2024, 1, 10), headline=4, category_of_concern="SM")
    outcome, category, reassigned = await abbey.said()
    assert [outcome.type, category.type, reassigned.type] == [OUTCOME, CATEGORY, REASSIGNED]
    assert outcome.correlation_id == category.correlation_id == reassigned.correlation_id
    assert [category.causation_id, reassigned.causation_id] == [outcome.id, category.id]
    assert (category.data["before"], category.data["after"], category.data["because"]) == (None, 4, "outcome")
    assert reassigned.data["general_before"]["role"] == "chair"
    assert reassigned.data["general_after"]["role"] == "system-leader"
    assert reassigned.data["general_after"]["person_id"] == str(abbey.people["leader"])
    assert reassigned.data["cause"] == "category-in-force"
    assert [outcome.sensitivity, category.sensitivity, reassigned.sensitivity] == ["public", "public", "restricted"]
    assert outcome.told
    assert category.told
    assert reassigned.told
    assert await abbey.answers("900002") == [
        (START, date(2024, 1, 10), "chair", abbey.people["chair"]),
        (date(2024, 1, 10), None, "system-leader", abbey.people["leader"]),
    ]


async def test_the_public_role_never_says_whether_a_leader_is_allocated(abbey: Authority) -> None:
    """N-05"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900003", date(2024, 1, 10), headline=3)
    (outcome,) = await abbey.said(OUTCOME)
    assert (outcome.data["public_role_before"], outcome.data["public_role_after"]) == ("chair", "system-leader")
    assert (outcome.data["public_category_before"], outcome.data["public_category_after"]) == (None, 3)
    (reassigned,) = await abbey.said(REASSIGNED)
    assert reassigned.data["general_after"]["role"] == "duty-desk"


async def test_from_category_1_to_2_gives_the_category_and_not_a_reassignment(abbey: Authority) -> None:
    """W-20"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900002", date(2024, 1, 10), headline=1)
    await abbey.on(date(2024, 2, 10))
    await abbey.forget_said()
    await abbey.publish("900002", date(2024, 2, 10), headline=2)
    assert [each.type for each in await abbey.said()] == [OUTCOME, CATEGORY]


async def test_the_same_outcome_again_changes_and_tells_nothing(abbey: Authority) -> None:
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900002", date(2024, 1, 10), headline=4)
    await abbey.forget_said()
    (again,) = await abbey.publish("900002", date(2024, 1, 10), headline=4)
    assert not again.new
    assert await abbey.said() == []


async def test_an_entry_of_the_authority_is_restricted_and_held_until_the_school_is_told(abbey: Authority) -> None:
    """R0.8"""
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, "900002", category=3, from_date=START, reason="Two heads in a year", review_on=None, set_by="officer"
        )
    )
    said = await abbey.said()
    assert [each.type for each in said] == ["la-category.set", CATEGORY, REASSIGNED]
    assert {(each.sensitivity, each.told) for each in said} == {("restricted", False)}
    assert "Two heads" not in str([each.data for each in said])
    story = said[0].correlation_id
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, "900002", told_on=START, told_by="officer"))
    assert told.releases == [story]
    again = await abbey.do(lambda uow: la_category.record_school_told(uow, "900002", told_on=START, told_by="officer"))
    assert again.releases == []


async def test_lifting_the_entry_the_same_day_brings_the_chair_back(abbey: Authority) -> None:
    for category in (3,):
        await abbey.do(
            lambda uow, category=category: la_category.set_la_category(  # type: ignore[misc]
                uow, "900002", category=category, from_date=START, reason="Why", review_on=None, set_by="officer"
            )
        )
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, "900002", lifted_on=START, reason="Over", lifted_by="officer")
    )
    lifted, category_event, reassigned = await abbey.said()
    assert (lifted.type, category_event.data["before"], category_event.data["after"]) == ("la-category.lifted", 3, None)
    assert (category_event.data["because"], category_event.sensitivity) == ("la-category", "restricted")
    assert reassigned.data["general_after"]["role"] == "chair"
    assert await abbey.answers("900002") == [(START, None, "chair", abbey.people["chair"])]


async def test_a_change_of_chair_is_one_story_and_names_a_new_speaker_for_every_school_that_she_spoke_for(
    abbey: Authority,
) -> None:
    await abbey.on(date(2024, 3, 1))
    await abbey.publish("900002", date(2024, 3, 1), headline=4)
    await abbey.forget_said()
    await abbey.do(
        lambda uow: offices.change_office(
            uow,
            abbey.body_id,
            post="chair",
            person_id=abbey.people["newcomer"],
            from_date=date(2024, 3, 1),
            route="meeting",
        )
    )
    said = await abbey.said()
    assert [each.type for each in said[:2]] == ["office.ended", "office.taken-up"]
    assert len({each.correlation_id for each in said}) == 1
    reassigned = {each.data["urn"]: each for each in said if each.type == REASSIGNED}
    # 900001 was the chair's own school; 900002 has its system leader; both academies have the trust for inspections.
    assert sorted(reassigned) == ["900001", "900003", "900004", "900011", "900012"]
    assert reassigned["900001"].data["general_before"]["role"] == "deputy"
    assert {each.data["cause"] for each in reassigned.values()} == {"office"}
    assert {(each.sensitivity, each.told) for each in reassigned.values()} == {("internal", True)}
    assert {each.causation_id for each in reassigned.values()} == {said[1].id}


async def test_a_vacant_chair_gives_the_schools_to_the_deputy_and_both_vacant_to_the_duty_desk(
    abbey: Authority,
) -> None:
    """W-17"""
    held = {term.post: term for term in await abbey.do(lambda uow: _terms(uow, abbey))}
    await abbey.on(date(2024, 3, 1))
    await abbey.do(
        lambda uow: offices.end_office(uow, held["chair"].term_id, ended_on=date(2024, 3, 1), reason="Retired")
    )
    assert (await abbey.answers("900003"))[-1][2] == "deputy"
    await abbey.on(date(2024, 4, 1))
    await abbey.do(
        lambda uow: offices.end_office(uow, held["deputy"].term_id, ended_on=date(2024, 4, 1), reason="Moved away")
    )
    assert [role for _, _, role, _ in await abbey.answers("900003")] == ["chair", "deputy", "duty-desk"]


async def test_an_end_that_lies_ahead_is_told_on_its_day_even_if_the_day_was_missed(abbey: Authority) -> None:
    held = {term.post: term for term in await abbey.do(lambda uow: _terms(uow, abbey))}
    await abbey.do(
        lambda uow: offices.end_office(uow, held["chair"].term_id, ended_on=date(2024, 3, 1), reason="Retires")
    )
    await abbey.forget_said()
    assert await abbey.said("office.ended") == []
    await abbey.on(date(2024, 3, 5))
    said = await abbey.said()
    assert said[0].type == "office.ended"
    assert said[0].data["reason"] == "ended"  # what was entered stays with membership: topics are kept for ever
    assert {each.type for each in said[1:]} == {REASSIGNED}
    assert {each.correlation_id for each in said} == {said[0].correlation_id}
    assert {each.data["valid_from"] for each in said[1:]} == {"2024-03-01"}
    assert (await abbey.answers("900003"))[-1][0] == date(2024, 3, 1)


async def test_whatever_an_officer_enters_as_the_reason_only_a_code_is_published_and_never_a_successor(
    abbey: Authority,
) -> None:
    """R0.8: funding waits for the successor after `succeeded`, so an officer who types it must not be believed."""
    held = {term.post: term for term in await abbey.do(lambda uow: _terms(uow, abbey))}
    await abbey.on(date(2024, 3, 1))
    await abbey.do(
        lambda uow: offices.end_office(uow, held["chair"].term_id, ended_on=date(2024, 3, 1), reason="succeeded")
    )
    (ended,) = await abbey.said("office.ended")
    assert ended.data["reason"] == "ended"


async def test_a_term_that_was_to_end_that_day_ends_because_it_is_over(abbey: Authority) -> None:
    held = {term.post: term for term in await abbey.do(lambda uow: _terms(uow, abbey))}
    await abbey.on(date(2024, 3, 1))
    await abbey.do(
        lambda uow: offices.end_office(uow, held["deputy"].term_id, ended_on=date(2024, 3, 1), reason="Moved away")
    )
    await abbey.forget_said()
    await abbey.do(
        lambda uow: offices.take_up_office(
            uow,
            abbey.body_id,
            post="deputy",
            person_id=abbey.people["newcomer"],
            from_date=date(2024, 3, 1),
            until=date(2024, 4, 1),
            route="meeting",
        )
    )
    await abbey.on(date(2024, 4, 1))
    (ended,) = await abbey.said("office.ended")
    assert ended.data["reason"] == "term-over"


async def _terms(uow: object, abbey: Authority) -> list[offices.Term]:
    from services.membership.store import bodies

    return await bodies.terms(uow, [abbey.body_id])  # type: ignore[arg-type]
