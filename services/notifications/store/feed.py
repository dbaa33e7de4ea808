"""The liaison feed's table: entries of a region, numbered without gaps in the order of their commits (D3.13)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.domain.feed import Entry, PublicOutcome, entry_for, region_slug
from shared.messaging.cause import new_id
from shared.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Numbered:
    region: str
    number: int
    id: UUID
    event_id: UUID
    kind: str
    urn: str | None
    data: dict[str, Any]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a region in order, with what proves that none is missing: the highest number and the count."""

    region: str
    highest: int
    count: int
    entries: Sequence[Numbered]


async def publish(outcomes: Mapping[UUID, PublicOutcome], uow: UnitOfWork) -> list[Numbered]:
    """Write the entries that these outcomes make, by the id of their event. Called last in a transaction.

    The counters stay locked to the commit, so that no reader ever sees a number before the one in front of it.
    """
    from_sector = await _sectors([outcome.urn for outcome in outcomes.values()], uow)
    entries = {
        event_id: entry
        for event_id, outcome in outcomes.items()
        if (entry := entry_for(outcome, from_sector.get(outcome.urn))) is not None
    }
    if not entries:
        return []
    highest = await _lock({region_slug(entry.region) for entry in entries.values()}, uow)
    told = await uow.rows("select event_id from feed_entry where event_id = any($1::uuid[])", sorted(entries))
    for row in told:
        del entries[row.event_id]
    numbered = []
    for event_id, entry in entries.items():
        region = region_slug(entry.region)
        highest[region] += 1
        numbered.append(_numbered(entry, region, highest[region], event_id, uow.now))
    if numbered:
        await _write(numbered, highest, uow)
    return numbered


async def page(region: str, after: int, limit: int, uow: UnitOfWork) -> Page:
    """One statement, so that highest, count and entries are of one moment."""
    slug = region_slug(region)
    rows = await uow.rows(
        """
        select coalesce((select highest from feed_counter where region = $1), 0) as highest,
            (select count(*) from feed_entry where region = $1) as total,
            entry.number, entry.id, entry.event_id, entry.kind, entry.urn, entry.data, entry.published_at
        from (select 1) as always
        left join lateral (
            select * from feed_entry where region = $1 and number > $2 order by number limit $3
        ) as entry on true
        order by entry.number
        """,
        slug,
        after,
        limit,
    )
    entries = [
        Numbered(slug, row.number, row.id, row.event_id, row.kind, row.urn, json.loads(row.data), row.published_at)
        for row in rows
        if row.number is not None
    ]
    return Page(slug, rows[0].highest, rows[0].total, entries)


def _numbered(entry: Entry, region: str, number: int, event_id: UUID, now: datetime) -> Numbered:
    return Numbered(region, number, new_id(), event_id, entry.kind, entry.urn, entry.data, now)


async def _sectors(urns: list[str], uow: UnitOfWork) -> dict[str, str]:
    if not urns:
        return {}
    rows = await uow.rows("select urn, sector from school where urn = any($1::text[])", sorted(set(urns)))
    return {row.urn: row.sector for row in rows}


async def _lock(regions: set[str], uow: UnitOfWork) -> dict[str, int]:
    """The counters of these regions, locked in order, new ones made first."""
    rows = await uow.rows(
        """
        insert into feed_counter (region) select unnest($1::text[])
        on conflict (region) do update set highest = feed_counter.highest
        returning region, highest
        """,
        sorted(regions),
    )
    return {row.region: row.highest for row in rows}


async def _write(numbered: Sequence[Numbered], highest: Mapping[str, int], uow: UnitOfWork) -> None:
    regions = sorted({entry.region for entry in numbered})
    await uow.execute(
        """
        with written as (
            insert into feed_entry (region, number, id, event_id, kind, authority, urn, data, published_at)
            select * from unnest($1::text[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::timestamptz[])
        )
        update feed_counter as counter set highest = new.highest
        from unnest($10::text[], $11::bigint[]) as new (region, highest) where counter.region = new.region
        """,
        [entry.region for entry in numbered],
        [entry.number for entry in numbered],
        [entry.id for entry in numbered],
        [entry.event_id for entry in numbered],
        [entry.kind for entry in numbered],
        [str(entry.data["authority"]) for entry in numbered],
        [entry.urn for entry in numbered],
        [json.dumps(entry.data, ensure_ascii=False) for entry in numbered],
        [entry.published_at for entry in numbered],
        regions,
        [highest[region] for region in regions],
    )
