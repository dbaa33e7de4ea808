"""Corrections of a school's past move no money (D3.10)."""

from datetime import date
from uuid import uuid4

import pytest

from services.funding.inbound import INBOUND
from shared.contracts.membership import HistoryCorrected
from shared.messaging.inbox import Inbox
from tests.store.funding.conftest import OAK, Funding, Holder, consortium
from tests.store.told import record_of_membership

STATE = ("award", "award_version", "award_share", "award_stretch", "entry", "posting", "outbox")


async def state(funding: Funding) -> dict[str, list[str]]:
    return {table: sorted(str(tuple(row)) for row in await funding.rows(f"select * from {table}")) for table in STATE}


@pytest.mark.parametrize("what", ["category-in-force", "representation"])
@pytest.mark.parametrize("told", [True, False])
async def test_a_correction_of_the_past_of_the_chairs_school_posts_nothing(funding: Funding, what: str, told: bool):
    """D3.10"""
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(), Holder(1, OAK, date(2023, 9, 1)).takes_up())
    before = await state(funding)
    assert before["posting"]
    correction = HistoryCorrected(urn=OAK, what=what, from_date=date(2023, 9, 1), until=date(2023, 12, 1))
    record = record_of_membership(
        correction, key=f"937/school/{OAK}", sequence=1, on=date(2024, 1, 9), story=uuid4(), told=told
    )
    await funding.today_is(date(2024, 1, 9))
    await funding.store.run(lambda uow: Inbox(INBOUND, "funding").take([record], uow))
    assert await state(funding) == before
    (applied,) = await funding.rows("select sequence from inbox_key where key = $1", f"937/school/{OAK}")
    assert applied.sequence == 1  # taken, and nothing done
