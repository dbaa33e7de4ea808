"""I2, W-31: one award a body and year, however many try to open or adjust it at the same time."""

import asyncio
from datetime import date

from services.funding.inbound import (
    keep_ends_of_office,
    keep_terms_of_office,
    when_chair_left_office_adjust_award,
    when_chair_took_office_open_or_adjust_award,
)
from services.funding.store.repositories import Chairs
from services.funding.use_cases.open_award import Opening, open_awards
from shared.contracts.envelope import read_envelope
from shared.contracts.membership import OfficeEnded, OfficeTakenUp
from shared.messaging.cause import Cause
from shared.messaging.inbound import Received
from shared.messaging.records import Record
from shared.store import UnitOfWork
from tests.store.funding.conftest import ELM, OAK, Funding, Holder, consortium

APRIL, CHANGE = date(2026, 4, 1), date(2026, 8, 25)
FIRST = Holder(1, OAK, APRIL)


async def react(record: Record, uow: UnitOfWork) -> None:
    """The two handlers of a fact with no inbox before them, as if two consumers held the same partition for a moment."""
    assert record.key is not None
    assert record.value is not None
    envelope = read_envelope(record.headers)
    if "office.taken-up" in envelope.type:
        taken = OfficeTakenUp.model_validate_json(record.value)
        event = Received(envelope, record.topic, record.key, taken, record.value, None)
        await keep_terms_of_office([event], uow)
        await when_chair_took_office_open_or_adjust_award([event], uow)
    else:
        ended = OfficeEnded.model_validate_json(record.value)
        end = Received(envelope, record.topic, record.key, ended, record.value, None)
        await keep_ends_of_office([end], uow)
        await when_chair_left_office_adjust_award([end], uow)


async def test_twenty_who_open_one_award_at_once_open_it_once(funding: Funding) -> None:
    """W-31"""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium())
    record = funding.record_of(APRIL, FIRST.takes_up(), FIRST.term_id)
    await asyncio.gather(*(funding.store.run(lambda uow: react(record, uow)) for _ in range(20)))
    assert [kind for kind, _ in await funding.published()] == ["award.opened.v1"]
    assert await funding.balances() == {"award-commitment": 500_000, OAK: -500_000}


async def test_an_end_and_a_beginning_handled_at_once_give_the_right_award(funding: Funding) -> None:
    """W-31: whichever comes first, the last to decide sees both."""
    second = Holder(2, ELM, CHANGE)
    for body in range(1, 11):
        first, second = Holder(10 * body, OAK, APRIL, body=body), Holder(10 * body + 1, ELM, CHANGE, body=body)
        await funding.today_is(APRIL)
        await funding.hears(APRIL, consortium(body), first.takes_up())
        await funding.today_is(CHANGE)
        ended = funding.record_of(CHANGE, first.ends(CHANGE), first.term_id)
        taken = funding.record_of(CHANGE, second.takes_up(), second.term_id)
        await asyncio.gather(
            funding.store.run(lambda uow, told=taken: react(told, uow)),  # type: ignore[misc]
            funding.store.run(lambda uow, told=ended: react(told, uow)),  # type: ignore[misc]
        )
    shares = await funding.rows(
        "select urn, pence, count(*) as bodies from award join award_share using (award_id, version) group by 1, 2"
    )
    assert {(row.urn, row.pence, row.bodies) for row in shares} == {(OAK, 200_000, 10), (ELM, 300_000, 10)}
    assert await funding.balances() == {"award-commitment": 5_000_000, OAK: -2_000_000, ELM: -3_000_000}


async def test_the_first_day_of_a_year_opens_an_award_once(funding: Funding) -> None:
    """W-31: whoever opens awards when the year begins may come twice."""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), FIRST.takes_up())
    following = date(2027, 4, 1)
    await funding.today_is(following)

    async def year_begins(uow: UnitOfWork) -> int:
        (body,) = (await Chairs(uow).lock_bodies([consortium().body_id])).values()
        history = (await Chairs(uow).histories([body.body_id]))[body.body_id]
        assert body.terms is not None
        year = body.terms.year_containing(uow.today)
        return len(await open_awards(uow, [Opening(body, year, history, uow.today, Cause.story())]))

    assert [await funding.store.run(year_begins) for _ in range(2)] == [1, 0]
    assert await funding.awards() == {2026: {OAK: 500_000}, 2027: {OAK: 500_000}}


async def test_a_batch_of_many_bodies_opens_each_award(funding: Funding) -> None:
    """W-31: 18 bodies with an award, one group without."""
    await funding.today_is(APRIL)
    bodies = [consortium(number) for number in range(1, 19)] + [consortium(19, award_pence=None)]
    chairs = [Holder(number, OAK, APRIL, body=number).takes_up() for number in range(1, 20)]
    await funding.hears(APRIL, *bodies, *chairs)
    assert len(await funding.published()) == 18
    assert await funding.balances() == {"award-commitment": 9_000_000, OAK: -9_000_000}
