"""The liaison feed's table: entries of a region, numbered without gaps in the order of their commits (D3.13)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.domain.feed import (
    FEED_BEGINS,
    OUTCOME_PUBLISHED,
    Entry,
    Public,
    PublicOutcome,
    entry_for,
    region_slug,
)
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


async def publish(facts: Mapping[UUID, Public], uow: UnitOfWork) -> list[Numbered]:
    """Write the entries that these facts make, by the id of their event. Called last in a transaction.

    The counters stay locked to the commit, so that no reader ever sees a number before the one in front of it.
    """
    to_tell = {event_id: fact for event_id, fact in facts.items() if fact.published_on >= FEED_BEGINS}
    if not to_tell:
        return []
    sectors = await _sectors([fact.urn for fact in to_tell.values()], uow)
    highest = await _lock({region_slug(fact.region) for fact in to_tell.values()}, uow)
    told = await uow.rows("select event_id from feed_entry where event_id = any($1::uuid[])", sorted(to_tell))
    for row in told:
        del to_tell[row.event_id]
    earlier = await _earlier(to_tell.values(), uow)
    numbered = []
    for event_id, fact in to_tell.items():
        same = earlier[_inspection(fact)]
        entry = entry_for(fact, sectors.get(fact.urn), same)
        if entry is None:
            continue
        region = region_slug(entry.region)
        highest[region] += 1
        numbered.append(_numbered(entry, region, highest[region], event_id, uow.now))
        if isinstance(fact, PublicOutcome):
            same.append(highest[region])
        else:
            same.clear()
    if numbered:
        await _write(numbered, highest, uow)
    return numbered


def _inspection(fact: Public) -> tuple[str, str, str]:
    return (fact.urn, fact.inspection_number, fact.kind)


async def _earlier(facts: Iterable[Public], uow: UnitOfWork) -> defaultdict[tuple[str, str, str], list[int]]:
    """The numbers of entries that told of the same inspections of the same schools, and were not taken back yet."""
    found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    wanted = {_inspection(fact) for fact in facts if not isinstance(fact, PublicOutcome) or fact.corrects}
    if not wanted:
        return found
    rows = await uow.rows(
        "select number, kind, urn, data from feed_entry where urn = any($1::text[]) order by number",
        sorted({urn for urn, _, _ in wanted}),
    )
    for row in rows:
        data = json.loads(row.data)
        inspection = (row.urn, data["inspection_number"], data["inspection_kind"])
        if row.kind == OUTCOME_PUBLISHED:
            found[inspection].append(row.number)
        else:
            found[inspection].clear()
    return found


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
