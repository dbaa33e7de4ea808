"""The numbers of the liaison feed: without gaps, in the order of commits, whatever happens at once (D3.13, N-05)."""

import asyncio
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from services.notifications.store import feed
from services.notifications.use_cases.pass_on import public_part
from shared.contracts.membership import OutcomeWithdrawn
from shared.messaging.cause import new_id
from shared.messaging.inbox import Record
from tests.store.notifications.conftest import BRISTOL, Notifications, key_of, outcome, school

WEST = "West Midlands"


async def page(notifications: Notifications, region: str = WEST, after: int = 0) -> feed.Page:
    return await notifications.store.run(lambda uow: feed.page(region, after, 1000, uow))


async def test_twenty_writers_at_once_leave_no_gap_and_no_reader_ever_sees_one(notifications: Notifications):
    """D3.13"""
    batches: list[list[Record]] = []
    for writer in range(20):
        urns = [str(200_000 + writer * 10 + number) for number in range(10)]
        batches += [
            [notifications.record_of(outcome(urn), key_of(urn)) for urn in urns[:5]],
            [notifications.record_of(outcome(urn), key_of(urn)) for urn in urns[5:]],
        ]
    writing = asyncio.gather(*(_in_turn(notifications, batches[writer * 2 : writer * 2 + 2]) for writer in range(20)))
    seen = 0
    looks = 0
    while not writing.done():
        found = await page(notifications)
        assert [entry.number for entry in found.entries] == list(range(1, found.highest + 1))
        assert found.count == found.highest >= seen
        seen, looks = found.highest, looks + 1
    await writing
    assert (await page(notifications)).highest == 200
    assert looks > 3


async def _in_turn(notifications: Notifications, batches: list[list[Record]]) -> None:
    for batch in batches:
        await notifications.reads(*batch)


async def test_a_batch_that_fails_takes_no_number_with_it(notifications: Notifications):
    good = notifications.record_of(outcome("1"), key_of("1"))
    poison = notifications.record_of(outcome("2\0"), key_of("2"))
    await notifications.reads(good)
    with pytest.raises(DBAPIError):
        await notifications.reads(notifications.record_of(outcome("3"), key_of("3")), poison)
    found = await page(notifications)
    assert (found.highest, found.count) == (1, 1)


async def test_a_repeated_record_makes_no_second_entry(notifications: Notifications):
    record = notifications.record_of(outcome(), key_of())
    await notifications.reads(record, record)
    await notifications.reads(record)
    assert (await page(notifications)).highest == 1


async def test_an_event_makes_one_entry_even_where_the_inbox_would_let_it_through_again(notifications: Notifications):
    """D3.7: a reaction's effect has its own natural key."""
    event_id, public = new_id(), public_part(outcome())
    for _ in range(2):
        await notifications.store.run(lambda uow: feed.publish({event_id: public}, uow))
    await notifications.store.run(lambda uow: feed.publish({new_id(): public}, uow))
    assert [entry.number for entry in (await page(notifications)).entries] == [1, 2]


async def test_what_was_taken_on_makes_no_entry(notifications: Notifications):
    """D3.10"""
    await notifications.reads(notifications.record_of(outcome(published_on=date(2019, 5, 1)), key_of()))
    assert (await page(notifications)).highest == 0


async def test_each_region_counts_for_itself(notifications: Notifications):
    await notifications.reads(
        notifications.record_of(outcome("1"), key_of("1")),
        notifications.record_of(outcome("2", region="South West", authority=BRISTOL), key_of("2", authority=BRISTOL)),
        notifications.record_of(outcome("3"), key_of("3")),
    )
    assert [entry.number for entry in (await page(notifications)).entries] == [1, 2]
    assert [entry.urn for entry in (await page(notifications, "south-west")).entries] == ["2"]


async def test_an_entry_is_recorded_as_a_fact_with_its_number(notifications: Notifications):
    await notifications.reads(notifications.record_of(school(sector="academy"), key_of()))
    await notifications.reads(notifications.record_of(outcome(), key_of()))
    (fact,) = [each for each in await notifications.published() if each.thing == "feed-entry.published"]
    assert fact.key == "937/feed/west-midlands"
    assert fact.data["number"] == 1
    (entry,) = (await page(notifications)).entries
    assert entry.data["whom_to_ring"] == "trust"


async def test_the_service_can_neither_change_nor_remove_an_entry(notifications: Notifications):
    await notifications.reads(notifications.record_of(outcome(), key_of()))
    for statement in ("update feed_entry set data = '{}'", "delete from feed_entry", "delete from journey"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await notifications.rows(statement)


async def test_a_withdrawal_and_a_correction_name_the_entries_that_they_answer(notifications: Notifications):
    """N-05: gets withdrawals by number; even where both come in one batch."""
    said = outcome()
    gone = OutcomeWithdrawn(
        **said.model_dump(include={"urn", "school_name", "authority", "region", "inspection_number", "kind"}),
        published_on=said.published_on,
        why="withdrawn",
        public_category_before=3,
        public_category_after=2,
        public_role_before="system-leader",
        public_role_after="chair",
    )
    corrected = said.model_copy(update={"corrects": True})
    await notifications.reads(notifications.record_of(said, key_of()))
    await notifications.reads(
        notifications.record_of(corrected, key_of()),
        notifications.record_of(gone, key_of()),
        notifications.record_of(said, key_of()),
    )
    entries = (await page(notifications)).entries
    assert [entry.kind for entry in entries] == [
        "outcome-published",
        "outcome-published",
        "outcome-withdrawn",
        "outcome-published",
    ]
    assert entries[1].data["corrects"] == [1]
    assert entries[2].data["withdraws"] == [1, 2]
