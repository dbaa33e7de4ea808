"""A correction of the past is one step of its journey, for school improvement's eyes; nothing follows from it (D3.10)."""

from datetime import date
from uuid import uuid4

import pytest

from services.notifications.domain.journey import viewer, visible
from services.notifications.store import journeys
from shared.contracts.membership import HistoryCorrected
from shared.contracts.registry import Sensitivity
from tests.store.notifications.conftest import OAK, Notifications, key_of, school

NOT_TOLD_OF = ("feed_entry", "delivery")


def corrected(what: str) -> HistoryCorrected:
    return HistoryCorrected(urn=OAK, what=what, from_date=date(2024, 1, 1), until=date(2024, 2, 1))


@pytest.mark.parametrize("what", ["category-in-force", "representation"])
@pytest.mark.parametrize("sensitivity", [Sensitivity.RESTRICTED, Sensitivity.PUBLIC])
async def test_it_stands_in_its_journey_and_goes_to_no_feed_and_no_other_department(
    notifications: Notifications, what: str, sensitivity: Sensitivity
) -> None:
    """D3.10, N-05, R0.8: whatever class its record has."""
    story = uuid4()
    await notifications.reads(notifications.record_of(school(), key_of()))
    await notifications.reads(
        notifications.record_of(corrected(what), key_of(), story=story, sensitivity=sensitivity, told=False)
    )
    async with notifications.store.unit() as uow:
        steps = await journeys.of_story(story, uow)
    assert "consortia.membership.history.corrected.v1" in [step.type for step in steps]
    assert visible(steps, viewer({"la.officer"}, set(), {"937"})) != []
    for department in ("finance", "governance"):
        assert visible(steps, viewer(set(), {department}, {"937"})) == []
        assert [each for each in await notifications.topic(department) if each.thing == "history.corrected"] == []
    for table in NOT_TOLD_OF:
        assert await notifications.rows(f"select 1 from {table}") == []


async def test_nobody_gets_a_message_because_the_past_was_corrected(notifications: Notifications) -> None:
    """D3.10. Every table that a message to a person begins in stays as it was."""
    await notifications.reads(notifications.record_of(school(), key_of()))
    tables = [
        row.name
        for row in await notifications.rows(
            "select table_name::text as name from information_schema.tables where table_schema = 'notifications'"
        )
    ]
    before = {name: await _count(notifications, name) for name in tables}
    await notifications.reads(notifications.record_of(corrected("category-in-force"), key_of()))
    grown = {name for name in tables if await _count(notifications, name) != before[name]}
    assert grown <= {"journey", "history_correction"}


async def _count(notifications: Notifications, table: str) -> int:
    (row,) = await notifications.rows(f"select count(*) as rows from {table}")
    return int(row.rows)
