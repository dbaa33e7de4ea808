"""W-31: an award follows the chair, once, whatever is told twice, late or together."""

from datetime import date, timedelta
from uuid import UUID

from services.funding.inbound import INBOUND
from shared.contracts.membership import CategoryInForceChanged, RepresentationReassigned, Speaker
from tests.store.funding.conftest import ASH, ELM, OAK, Funding, Holder, consortium

APRIL = date(2026, 4, 1)
CHANGE = date(2026, 8, 25)
FIRST = Holder(1, OAK, APRIL)
SECOND = Holder(2, ELM, CHANGE)


async def test_a_chair_who_takes_up_office_opens_the_award_of_the_year(funding: Funding) -> None:
    """W-31"""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    ((kind, data),) = await funding.published()
    assert kind == "award.opened.v1"
    assert (data["year_from"], data["year_to"], data["amount_pence"]) == ("2026-04-01", "2027-04-01", 500_000)
    assert data["shares"] == [{"urn": OAK, "days": 365, "pence": 500_000}]
    assert await funding.balances() == {"award-commitment": 500_000, OAK: -500_000}


async def test_a_change_of_chair_after_24_august_is_one_adjustment(funding: Funding) -> None:
    """W-31, story S4: the end of one term and the beginning of the next are one change to finance."""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    await funding.today_is(CHANGE)
    await funding.hears(CHANGE, FIRST.ends(CHANGE, "succeeded"), SECOND.takes_up())
    opened, adjusted = await funding.published()
    assert adjusted[0] == "award.adjusted.v1"
    assert adjusted[1]["award_id"] == opened[1]["award_id"]
    assert adjusted[1]["from_date"] == "2026-08-25"
    assert adjusted[1]["before"] == [{"urn": OAK, "days": 365, "pence": 500_000}]
    assert adjusted[1]["after"] == [
        {"urn": OAK, "days": 146, "pence": 200_000},
        {"urn": ELM, "days": 219, "pence": 300_000},
    ]
    assert await funding.balances() == {"award-commitment": 500_000, OAK: -200_000, ELM: -300_000}


async def test_a_change_of_chair_told_in_two_batches_is_still_one_adjustment(funding: Funding) -> None:
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    await funding.hears(CHANGE, FIRST.ends(CHANGE, "succeeded"))
    await funding.hears(CHANGE, SECOND.takes_up())
    assert [kind for kind, _ in await funding.published()] == ["award.opened.v1", "award.adjusted.v1"]
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 300_000}}


async def test_a_vacancy_is_unawarded_until_the_next_chair(funding: Funding) -> None:
    """W-31: days with no chair are not awarded and are listed."""
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    await funding.hears(CHANGE, FIRST.ends(CHANGE))
    assert await funding.awards() == {2026: {OAK: 200_000, None: 300_000}}
    november = date(2026, 11, 6)
    await funding.today_is(november)
    await funding.hears(november, Holder(2, ELM, november).takes_up())
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 200_000, None: 100_000}}
    assert await funding.balances() == {
        "award-commitment": 500_000,
        OAK: -200_000,
        ELM: -200_000,
        "unawarded": -100_000,
    }


async def test_days_of_an_acting_deputy_count_for_the_deputys_school(funding: Funding) -> None:
    """W-31"""
    acting = Holder(3, ASH, date(2026, 6, 1), post="acting-chair")
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up(), Holder(2, ASH, APRIL, post="deputy").takes_up())
    await funding.hears(date(2026, 6, 1), acting.takes_up())
    await funding.hears(date(2026, 8, 13), acting.ends(date(2026, 8, 13), "chair returned"))
    assert await funding.awards() == {2026: {OAK: 400_000, ASH: 100_000}}


async def test_a_chair_who_moves_school_splits_the_award(funding: Funding) -> None:
    """W-31"""
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    await funding.hears(CHANGE, FIRST.moves(CHANGE, ELM))
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 300_000}}
    await funding.hears(CHANGE, FIRST.moves(CHANGE, None))
    assert await funding.awards() == {2026: {OAK: 200_000, None: 300_000}}


async def test_a_deputy_has_no_award_and_neither_has_a_body_whose_terms_give_none(funding: Funding) -> None:
    """W-31"""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), Holder(1, OAK, APRIL, post="deputy").takes_up())
    await funding.hears(APRIL, consortium(2, award_pence=None), Holder(2, ELM, APRIL, body=2).takes_up())
    assert await funding.published() == []
    assert await funding.awards() == {}


async def test_a_chair_of_a_body_not_yet_known_is_kept_without_an_award(funding: Funding) -> None:
    await funding.today_is(APRIL)
    await funding.hears(APRIL, FIRST.takes_up())
    assert await funding.awards() == {}


async def test_chairs_taken_on_have_the_award_of_the_current_year_alone(funding: Funding) -> None:
    """W-04, D3.10"""
    today = date(2023, 9, 1)
    await funding.today_is(today)
    await funding.hears(today, consortium(), Holder(1, OAK, date(2019, 9, 1), route="taken-on").takes_up())
    assert await funding.awards() == {2023: {OAK: 500_000}}


async def test_news_of_a_year_before_the_take_on_opens_no_award_of_it(funding: Funding) -> None:
    """D3.10"""
    today, march = date(2023, 9, 1), date(2023, 3, 20)
    taken_on = Holder(1, OAK, date(2019, 9, 1), route="taken-on")
    await funding.today_is(today)
    await funding.hears(today, consortium(), taken_on.takes_up())
    await funding.hears(today, taken_on.ends(march, "resigned"))
    assert await funding.awards() == {2023: {None: 500_000}}


async def test_the_award_of_a_new_year_is_opened_as_it_stood_and_then_adjusted(funding: Funding) -> None:
    """W-31: where nothing has opened it since 1 April, finance still sees the entitlement and the change."""
    await funding.today_is(date(2023, 9, 1))
    taken_on = Holder(1, OAK, date(2019, 9, 1), route="taken-on")
    await funding.hears(date(2023, 9, 1), consortium(), taken_on.takes_up())
    await funding.today_is(CHANGE)
    await funding.hears(CHANGE, taken_on.ends(CHANGE, "succeeded"), SECOND.takes_up())
    published = await funding.published()
    assert [(kind, data["year_from"]) for kind, data in published] == [
        ("award.opened.v1", "2023-04-01"),
        ("award.opened.v1", "2026-04-01"),
        ("award.adjusted.v1", "2026-04-01"),
    ]
    assert published[1][1]["shares"] == [{"urn": OAK, "days": 365, "pence": 500_000}]
    assert await funding.awards() == {2023: {OAK: 500_000}, 2026: {OAK: 200_000, ELM: 300_000}}


async def test_a_change_recorded_late_adjusts_the_year_it_belongs_to_and_the_next(funding: Funding) -> None:
    """W-14, R0.4"""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    may = date(2027, 5, 4)
    await funding.today_is(may)
    march = date(2027, 1, 18)
    await funding.hears(may, FIRST.ends(march, "succeeded"), Holder(2, ELM, march).takes_up())
    assert await funding.awards() == {2026: {OAK: 400_000, ELM: 100_000}, 2027: {ELM: 500_000}}
    assert [
        row.belongs_on for row in await funding.rows("select belongs_on from entry where reverses is not null")
    ] == [march]


async def test_records_delivered_again_change_nothing(funding: Funding) -> None:
    """I2"""
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up(), FIRST.ends(CHANGE, "succeeded"), SECOND.takes_up())
    before = await funding.published(), await funding.rows("select * from posting order by entry_id, line")
    await funding.takes(funding.last_told)
    after = await funding.published(), await funding.rows("select * from posting order by entry_id, line")
    assert after == before


async def test_facts_told_anew_under_new_numbers_change_nothing(funding: Funding) -> None:
    """I2: what the inbox cannot know for a duplicate is harmless too, since the history decides."""
    facts = (consortium(), FIRST.takes_up(), FIRST.ends(CHANGE, "succeeded"), SECOND.takes_up())
    await funding.today_is(CHANGE)
    await funding.hears(CHANGE, *facts)
    before = await funding.published(), await funding.rows("select * from posting order by entry_id, line")
    await funding.hears(CHANGE, *facts)
    for fact in facts:
        await funding.hears(CHANGE, fact)
    after = await funding.published(), await funding.rows("select * from posting order by entry_id, line")
    assert after == before


async def test_a_taking_up_told_anew_does_not_undo_the_end_of_the_term(funding: Funding) -> None:
    """I2"""
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up(), FIRST.ends(CHANGE))
    await funding.hears(CHANGE, FIRST.takes_up())
    assert await funding.awards() == {2026: {OAK: 200_000, None: 300_000}}


async def test_a_change_of_category_moves_no_money(funding: Funding) -> None:
    """W-31, story S4: a category change, and whoever speaks for the school then, is nothing to funding."""
    await funding.today_is(CHANGE)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    before = await funding.published(), await funding.rows("select * from posting")
    chair = Speaker(role="chair", body_id=UUID(int=1), rule="chair")
    leader = Speaker(role="system-leader", rule="maintained-3-4")
    await funding.hears(
        CHANGE,
        CategoryInForceChanged(
            urn=OAK,
            before=2,
            after=4,
            on=CHANGE,
            policy="ofsted",
            policy_version=1,
            because="outcome",
            because_ref="10000001",
        ),
        RepresentationReassigned(
            urn=OAK,
            general_before=chair,
            general_after=leader,
            inspection_before=chair,
            inspection_after=leader,
            valid_from=CHANGE,
            policy="warwickshire",
            policy_version=1,
            category=4,
            cause="category-in-force",
        ),
    )
    assert (await funding.published(), await funding.rows("select * from posting")) == before
    for model in (CategoryInForceChanged, RepresentationReassigned):
        assert not INBOUND.reads(model)


async def test_many_changes_of_chair_in_one_year_add_up_to_the_penny(funding: Funding) -> None:
    """I5, W-31"""
    await funding.today_is(APRIL)
    urns = [OAK, ELM, ASH]
    holder = Holder(1, OAK, APRIL)
    await funding.hears(APRIL, consortium(), holder.takes_up())
    for number in range(2, 20):
        on = APRIL + timedelta(days=17 * number)
        following = Holder(number, urns[number % 3], on)
        await funding.hears(on, holder.ends(on, "succeeded"), following.takes_up())
        holder = following
        balances = await funding.balances()
        assert sum(balances.values()) == 0
        assert balances["award-commitment"] == 500_000
        assert sum((await funding.awards())[2026].values()) == 500_000
