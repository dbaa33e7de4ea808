"""The cost of a batch doesn't grow with the schools in it (D8: at most 0.05 statements an event)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from shared.store import Store
from tests.store.meetings.conftest import FEBRUARY, JANUARY, Meetings, chair, reassigned, school, system_leader


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("notify"):  # wakes a relay elsewhere, at a moment of its own
            seen.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)


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
