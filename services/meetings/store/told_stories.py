"""Of which stories a school was told (R0.8), kept for what is read after the telling.

A school that passes to another authority is told under its new key of what was held back under the old one, and the two
are read in any order. Within a story only what was recorded before the telling is let go by it.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.store import UnitOfWork

Story = tuple[str, UUID]  # a school, and the change of which it is to be told


async def keep_told(uow: UnitOfWork, told: Mapping[Story, UUID]) -> None:
    """Each with the event that tells it."""
    await _take_turns(uow, told)
    rows = sorted(told.items())
    await uow.execute(
        """
        insert into told_story (urn, correlation_id, told_as)
        select * from unnest($1::text[], $2::uuid[], $3::uuid[])
        on conflict (urn, correlation_id) do update set told_as = greatest(told_story.told_as, excluded.told_as)
        """,
        [urn for (urn, _), _ in rows],
        [change for (_, change), _ in rows],
        [event for _, event in rows],
    )


async def told_meanwhile(uow: UnitOfWork, held: Iterable[tuple[Story, UUID]]) -> set[UUID]:
    """Of facts that were recorded as held back, each with its story: those whose school has been told since."""
    facts = sorted(set(held))
    if not facts:
        return set()
    await _take_turns(uow, {story for story, _ in facts})
    rows = await uow.rows(
        """
        select held.event_id
        from unnest($1::text[], $2::uuid[], $3::uuid[]) as held (urn, correlation_id, event_id)
        join told_story as told using (urn, correlation_id) where told.told_as > held.event_id
        """,
        [urn for (urn, _), _ in facts],
        [change for (_, change), _ in facts],
        [event for _, event in facts],
    )
    return {row.event_id for row in rows}


async def _take_turns(uow: UnitOfWork, stories: Iterable[Story]) -> None:
    """The telling and what it lets go could each commit without seeing the other, were they read at one moment."""
    await uow.execute(
        """
        select pg_advisory_xact_lock(hashtextextended(story, 0))
        from (select story from unnest($1::text[]) as story order by story) as in_order
        """,
        [f"{urn} {change}" for urn, change in stories],
    )
