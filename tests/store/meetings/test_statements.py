"""The cost of a batch doesn't grow with the schools in it (D8: at most 0.05 statements an event)."""

from uuid import uuid4

from tests.statements import counted
from tests.store.meetings.conftest import FEBRUARY, JANUARY, Meetings, chair, reassigned, school, system_leader


async def test_a_batch_of_changes_takes_as_many_statements_for_250_schools_as_for_one(warwickshire: Meetings) -> None:
    await warwickshire.meets(FEBRUARY)
    urns = [str(500_000 + number) for number in range(250)]
    await warwickshire.hears(JANUARY, *(school(urn) for urn in urns))
    counts = []
    for part in (urns[:1], urns[1:]):
        records = [
            warwickshire.record_of(JANUARY, reassigned(urn, chair(), system_leader()), "937", True, uuid4())
            for urn in part
        ]
        with counted(warwickshire.store) as seen:
            await warwickshire.takes(records)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= 0.05 * 500
