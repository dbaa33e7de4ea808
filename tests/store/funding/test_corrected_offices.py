"""W-31: awards follow a term of office that was entered wrongly; the ledger is corrected by reversal alone."""

from datetime import date

from services.funding.inbound import INBOUND
from shared.contracts.membership import Held, HeldAsTold, HeldSchool, OfficeCorrected
from tests.store.funding.conftest import ASH, ELM, OAK, Funding, Holder, consortium

APRIL, CHANGE, TODAY = date(2026, 4, 1), date(2026, 8, 25), date(2026, 10, 1)
FIRST, SECOND = Holder(1, OAK, APRIL), Holder(2, ELM, CHANGE)


def corrected(
    holder: Holder,
    from_date: date | None,
    *schools: tuple[date, str | None],
    until: date | None = None,
    ended: bool = False,
    route: str = "meeting",
) -> OfficeCorrected:
    """``from_date`` None: the term never was."""
    told = holder.takes_up()
    after = None
    if from_date is not None:
        held = [HeldSchool(from_date=day, urn=urn) for day, urn in schools] or [
            HeldSchool(from_date=from_date, urn=holder.urn)
        ]
        after = Held(person_id=told.person_id, from_date=from_date, until=until, ended=ended, schools=held)
    return OfficeCorrected(
        term_id=told.term_id,
        office_id=told.office_id,
        body_id=told.body_id,
        post=told.post,
        route=route,
        before=HeldAsTold(person_id=told.person_id, from_date=told.from_date, until=told.until),
        after=after,
    )


async def two_chairs(funding: Funding) -> None:
    """Oak's head until 25 August, Elm's from then on; the news is spent."""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    await funding.today_is(CHANGE)
    await funding.hears(CHANGE, FIRST.ends(CHANGE, "succeeded"), SECOND.takes_up())
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 300_000}}
    await funding.today_is(TODAY)


async def adjustments(funding: Funding) -> int:
    return len([kind for kind, _ in await funding.published() if kind == "award.adjusted.v1"])


async def balanced(funding: Funding) -> bool:
    """I5: the parts of every version make exactly the award, and the ledger sums to what the latest divides."""
    for row in await funding.rows(
        "select a.amount_pence, v.unawarded_pence + coalesce((select sum(pence) from award_share s where "
        "(s.award_id, s.version) = (v.award_id, v.version)), 0) as parts from award a join award_version v using (award_id)"
    ):
        assert row.amount_pence == row.parts
    awards = await funding.awards()
    wanted: dict[str, int] = {}
    for shares in awards.values():
        for urn, pence in shares.items():
            wanted[urn or "unawarded"] = wanted.get(urn or "unawarded", 0) - pence
    held = await funding.balances()
    assert {account: pence for account, pence in held.items() if account != "award-commitment"} == wanted
    return held.get("award-commitment", 0) == -sum(wanted.values())


async def test_a_chair_who_really_was_another_gives_the_days_to_her_school_by_one_adjustment(funding: Funding) -> None:
    """W-31, I5; sent twice it is one."""
    await two_chairs(funding)
    await funding.hears(TODAY, corrected(SECOND, CHANGE, (CHANGE, ASH)))
    assert await funding.awards() == {2026: {OAK: 200_000, ASH: 300_000}}
    assert await adjustments(funding) == 2
    assert await balanced(funding)
    await funding.takes(funding.last_told)
    assert await adjustments(funding) == 2


async def test_a_term_that_began_later_leaves_the_days_before_unawarded(funding: Funding) -> None:
    """W-31, I5: what follows is the corrected day, not the one on which it was known."""
    await two_chairs(funding)
    november = date(2026, 11, 6)
    await funding.today_is(november)
    await funding.hears(november, corrected(SECOND, november))
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 200_000, None: 100_000}}
    assert await balanced(funding)
    assert (await funding.published())[-1][1]["from_date"] == "2026-08-25"


async def test_a_term_that_began_in_an_earlier_year_opens_that_years_award(funding: Funding) -> None:
    """W-31: backfill follows the corrected beginning; a chair taken on has none of years over by go-live."""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    earlier = date(2025, 4, 1)
    await funding.hears(APRIL, corrected(FIRST, earlier))
    assert await funding.awards() == {2025: {OAK: 500_000}, 2026: {OAK: 500_000}}
    assert await balanced(funding)
    taken_on = Holder(5, ASH, APRIL, body=2, route="taken-on")
    await funding.hears(APRIL, consortium(2), taken_on.takes_up())
    published = len(await funding.published())
    await funding.hears(APRIL, corrected(taken_on, date(2019, 4, 1), route="taken-on"))
    assert len(await funding.published()) == published


async def test_a_term_that_never_was_leaves_its_days_unawarded(funding: Funding) -> None:
    """W-31, I5: an award that was opened stays, with nothing awarded."""
    await two_chairs(funding)
    await funding.hears(TODAY, corrected(SECOND, None))
    assert await funding.awards() == {2026: {OAK: 200_000, None: 300_000}}
    assert await balanced(funding)
    await funding.hears(TODAY, corrected(FIRST, None))
    assert await funding.awards() == {2026: {None: 500_000}}
    assert await balanced(funding)


async def test_an_end_that_was_a_mistake_and_the_schools_of_the_term_are_put_right(funding: Funding) -> None:
    """W-31: moves that were told of the term give way to those of the correction."""
    await two_chairs(funding)
    await funding.hears(TODAY, SECOND.moves(date(2026, 9, 1), None))
    await funding.hears(TODAY, SECOND.ends(TODAY))
    assert (await funding.awards())[2026].get(None)
    await funding.hears(TODAY, corrected(SECOND, CHANGE, (CHANGE, ELM)))
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 300_000}}
    await funding.hears(TODAY, corrected(SECOND, CHANGE, (CHANGE, ELM), (date(2026, 11, 6), ASH)))
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 100_000, ASH: 200_000}}
    assert await balanced(funding)


async def test_a_corrected_end_that_has_come_and_a_deputys_correction(funding: Funding) -> None:
    """W-31: a deputy's moves no money."""
    await two_chairs(funding)
    deputy = Holder(7, ASH, APRIL, post="deputy")
    await funding.hears(TODAY, deputy.takes_up(), corrected(deputy, CHANGE))
    assert await adjustments(funding) == 1
    await funding.hears(TODAY, corrected(SECOND, CHANGE, until=date(2026, 9, 1), ended=True))
    assert (await funding.awards())[2026][None] > 0
    (term,) = await funding.rows("select planned_until, ended_on from office_term where term_id = $1", SECOND.term_id)
    assert tuple(term) == (None, date(2026, 9, 1))


async def test_a_term_that_was_withdrawn_and_begins_after_all_is_taken_up_as_any_other(funding: Funding) -> None:
    """D3.10: a beginning that was put off is told again on its day, under the same id."""
    await two_chairs(funding)
    await funding.hears(TODAY, corrected(SECOND, None))
    november = date(2026, 11, 6)
    await funding.today_is(november)
    await funding.hears(november, Holder(2, ELM, november).takes_up())
    assert await funding.awards() == {2026: {OAK: 200_000, ELM: 200_000, None: 100_000}}
    assert await balanced(funding)


def test_the_projection_names_every_table_that_it_writes() -> None:
    """A rebuild replays it into tables of its own."""
    assert set(INBOUND.projections[OfficeCorrected].tables) == {"office_term", "office_move"}
