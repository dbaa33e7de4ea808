"""Keeping what membership says of a school's standing: its category, the authority's own entries, what it was told.

What is restricted stays marked as not told until the school was.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.meetings.store.projections.columns import columns
from services.meetings.store.told_stories import keep_told, told_meanwhile
from shared.contracts.membership import (
    CategoryAsToldChanged,
    CategoryInForceChanged,
    HistoryCorrected,
    LaCategoryLifted,
    LaCategorySet,
    OutcomePublished,
    OutcomeWithdrawn,
    SchoolTold,
)
from shared.messaging.inbound import Received
from shared.store import UnitOfWork


def _place(event: Received[Any]) -> tuple[str, str, int, int, UUID]:
    """The number alone names no fact of a school: another authority that gets the school counts from 1 again."""
    return event.data.urn, event.authority, event.epoch, event.sequence, event.id


async def _known_as_told(events: Sequence[Received[Any]], uow: UnitOfWork) -> set[UUID]:
    """Of these the events that the school knows of: it was told with them, or of them before they were read here."""
    held = [((each.data.urn, each.correlation_id), each.id) for each in events if not each.told]
    return {each.id for each in events if each.told} | await told_meanwhile(uow, held)


async def keep_categories(events: list[Received[CategoryInForceChanged]], uow: UnitOfWork) -> None:
    known = await _known_as_told(events, uow)
    await uow.execute(
        """
        insert into category_change
            (urn, by_authority, epoch, sequence, event_id, category, since, correlation_id, told, because, because_ref)
        select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::int[], $7::date[],
            $8::uuid[], $9::bool[], $10::text[], $11::text[])
        on conflict do nothing
        """,
        *columns(
            [
                (
                    *_place(each),
                    each.data.after,
                    each.data.on,
                    each.correlation_id,
                    each.id in known,
                    each.data.because,
                    each.data.because_ref,
                )
                for each in events
            ]
        ),
    )


async def keep_public_categories(
    events: list[Received[OutcomePublished]] | list[Received[OutcomeWithdrawn]], uow: UnitOfWork
) -> None:
    """What an outcome gives counts since its publication; what is left without one, since it was told that it is gone."""
    rows: list[tuple[object, ...]] = []
    for each in events:
        data = each.data
        since = data.published_on if isinstance(data, OutcomePublished) else each.date
        rows.append((*_place(each), data.public_category_after, since))
    await _keep_public(rows, uow)


async def keep_categories_as_told(events: list[Received[CategoryAsToldChanged]], uow: UnitOfWork) -> None:
    """Without an entry that is in force untold it would have been told as a change of the category in force (R0.8)."""
    await _keep_public([(*_place(each), each.data.after, each.data.on) for each in events], uow)


async def _keep_public(rows: list[tuple[Any, ...]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into public_category (urn, by_authority, epoch, sequence, event_id, category, since)
        select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::int[], $7::date[])
        on conflict do nothing
        """,
        *columns(rows),
    )


async def keep_entries_of_the_authority(
    events: list[Received[LaCategorySet]] | list[Received[LaCategoryLifted]], uow: UnitOfWork
) -> None:
    known = await _known_as_told(events, uow)
    rows: list[tuple[object, ...]] = []
    for each in events:
        data = each.data
        category, since = (data.category, data.from_date) if isinstance(data, LaCategorySet) else (None, data.lifted_on)
        rows.append((*_place(each), data.entry_id, category, since, each.correlation_id, each.id in known))
    await uow.execute(
        """
        insert into la_entry_news
            (urn, by_authority, epoch, sequence, event_id, entry_id, category, since, correlation_id, told)
        select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::uuid[], $7::int[],
            $8::date[], $9::uuid[], $10::bool[])
        on conflict do nothing
        """,
        *columns(rows),
    )


async def keep_what_schools_were_told(events: list[Received[SchoolTold]], uow: UnitOfWork) -> None:
    told = {
        (event.data.urn, change): event.id
        for event in sorted(events, key=lambda event: event.id)
        for change in event.data.releases
    }
    if not told:
        return
    await keep_told(uow, told)
    for table in ("category_change", "la_entry_news"):
        await uow.execute(
            f"""
            update {table} as held set told = true
            from unnest($1::text[], $2::uuid[]) as now (urn, correlation_id)
            where held.urn = now.urn and held.correlation_id = now.correlation_id and not held.told
            """,
            *columns(list(told)),
        )


async def keep_corrections(events: list[Received[HistoryCorrected]], uow: UnitOfWork) -> None:
    """Only the past changed. Kept to be shown beside what was said then; nothing else ever follows (D3.10)."""
    await uow.execute(
        """
        insert into history_correction
            (urn, by_authority, epoch, sequence, event_id, what, from_date, until, corrected_on, correlation_id)
        select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::text[], $7::date[],
            $8::date[], $9::date[], $10::uuid[])
        on conflict do nothing
        """,
        *columns(
            [
                (
                    *_place(each),
                    each.data.what,
                    each.data.from_date,
                    each.data.until,
                    each.date,
                    each.correlation_id,
                )
                for each in events
            ]
        ),
    )
