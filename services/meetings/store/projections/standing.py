"""Keeping what membership says of a school's standing: its category, the authority's own entries, what it was told.

What is restricted stays marked as not told until the school was.
"""

from services.meetings.store.projections.columns import columns
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


async def keep_categories(events: list[Received[CategoryInForceChanged]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into category_change
            (urn, epoch, sequence, category, since, correlation_id, told, because, because_ref)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::date[], $6::uuid[], $7::bool[],
            $8::text[], $9::text[])
        on conflict do nothing
        """,
        *columns(
            [
                (
                    each.data.urn,
                    each.epoch,
                    each.sequence,
                    each.data.after,
                    each.data.on,
                    each.correlation_id,
                    each.told,
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
        rows.append((data.urn, each.epoch, each.sequence, data.public_category_after, since))
    await _keep_public(rows, uow)


async def keep_categories_as_told(events: list[Received[CategoryAsToldChanged]], uow: UnitOfWork) -> None:
    """Without an entry that is in force untold it would have been told as a change of the category in force (R0.8)."""
    rows: list[tuple[object, ...]] = [
        (each.data.urn, each.epoch, each.sequence, each.data.after, each.data.on) for each in events
    ]
    await _keep_public(rows, uow)


async def _keep_public(rows: list[tuple[object, ...]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into public_category (urn, epoch, sequence, category, since)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::date[])
        on conflict do nothing
        """,
        *columns(rows),
    )


async def keep_entries_of_the_authority(
    events: list[Received[LaCategorySet]] | list[Received[LaCategoryLifted]], uow: UnitOfWork
) -> None:
    rows: list[tuple[object, ...]] = []
    for each in events:
        data = each.data
        category, since = (data.category, data.from_date) if isinstance(data, LaCategorySet) else (None, data.lifted_on)
        rows.append(
            (data.urn, each.epoch, each.sequence, data.entry_id, category, since, each.correlation_id, each.told)
        )
    await uow.execute(
        """
        insert into la_entry_news (urn, epoch, sequence, entry_id, category, since, correlation_id, told)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::int[], $6::date[], $7::uuid[],
            $8::bool[])
        on conflict do nothing
        """,
        *columns(rows),
    )


async def keep_what_schools_were_told(events: list[Received[SchoolTold]], uow: UnitOfWork) -> None:
    released = [(event.data.urn, change) for event in events for change in event.data.releases]
    if not released:
        return
    for table in ("category_change", "la_entry_news"):
        await uow.execute(
            f"""
            update {table} as held set told = true
            from unnest($1::text[], $2::uuid[]) as now (urn, correlation_id)
            where held.urn = now.urn and held.correlation_id = now.correlation_id and not held.told
            """,
            *columns(released),
        )


async def keep_corrections(events: list[Received[HistoryCorrected]], uow: UnitOfWork) -> None:
    """Only the past changed. Kept to be shown beside what was said then; nothing else ever follows (D3.10)."""
    await uow.execute(
        """
        insert into history_correction (urn, epoch, sequence, what, from_date, until, corrected_on, correlation_id)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::date[], $6::date[], $7::date[],
            $8::uuid[])
        on conflict do nothing
        """,
        *columns(
            [
                (
                    each.data.urn,
                    each.epoch,
                    each.sequence,
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
