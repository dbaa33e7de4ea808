"""What was recorded together comes in any number of batches: whether everything of it that people are told of was read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.messaging.inbound import Received
from shared.messaging.order import Together, people_are_told
from shared.store import UnitOfWork


async def read(events: Sequence[Received[Any]], uow: UnitOfWork) -> set[UUID]:
    """Note what was read; the stories that came in pieces, and of which people are to hear now or later.

    A story of which all came at once is none of them, nor one whose people's part was read before.
    """
    stories: dict[str, UUID] = {}
    people: Counter[str] = Counter()
    for event in events:
        mark = event.envelope.people_first
        if mark is not None:
            stories[mark] = event.correlation_id
            people[mark] += not event.erased and people_are_told(type(event.data), event.sensitivity)
    if not stories:
        return set()
    together = {mark: Together.read(mark) for mark in stories}
    marks = sorted(stories, key=lambda mark: together[mark].first)
    rows = await uow.rows(
        """
        insert into recorded_together as known (first_id, correlation_id, people, people_read)
        select first_id, story, people, least(people_read, people)
        from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) as new (first_id, story, people, people_read)
        order by first_id
        on conflict (first_id) do update set people_read = least(known.people_read + excluded.people_read, known.people)
        returning first_id, correlation_id, people, people_read
        """,
        [together[mark].first for mark in marks],
        [stories[mark] for mark in marks],
        [together[mark].people for mark in marks],
        [people[mark] for mark in marks],
    )
    now = {together[mark].first: people[mark] for mark in marks}
    return {row.correlation_id for row in rows if row.people_read < row.people or 0 < now[row.first_id] < row.people}
