"""Lines of files that wait for schools that stand still: kept with their import, and with whom they wait for."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.membership.domain.set_aside import AFTER_ALL, SetAside
from services.membership.store.imports import Import
from shared.store import UnitOfWork


async def set_aside(uow: UnitOfWork, lines: Iterable[SetAside]) -> None:
    told = [
        {
            "import_id": str(each.import_id),
            "line": each.line,
            "says": sorted(each.says),
            "waits_for": sorted(each.waits_for),
        }
        for each in lines
    ]
    if told:
        await uow.execute(
            "insert into line_set_aside (import_id, line, says, waits_for) "
            "select import_id, line, says, waits_for from jsonb_to_recordset($1::text::jsonb) "
            "as n (import_id uuid, line integer, says text[], waits_for text[]) "
            "on conflict (import_id, line) do update set says = excluded.says, waits_for = excluded.waits_for",
            json.dumps(told),
        )


async def waiting(uow: UnitOfWork) -> list[SetAside]:
    """All lines that wait, in the order in which they came, what follows from a file after its lines.

    One at which its import has failed since waits for an officer, and keeps no other back.
    """
    rows = await uow.rows(
        "select l.import_id, l.line, l.says, l.waits_for from line_set_aside l join import i using (import_id) "
        "where not (i.state = 'failed' and coalesce(i.failed_line, $1::integer) = l.line) "
        "order by i.began_at, l.import_id, l.line = $1::integer, l.line",
        AFTER_ALL,
    )
    return [SetAside(row.import_id, row.line, frozenset(row.says), frozenset(row.waits_for)) for row in rows]


async def take(uow: UnitOfWork, found: Import, lines: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    """Those of these lines that still wait, in their order, each with its number; now they don't."""
    rows = await uow.rows(
        "with taken as (delete from line_set_aside where import_id = $1 and line = any($2::integer[]) returning line) "
        "delete from import_line where import_id = $1 and line in (select line from taken) returning line, row::text as row",
        found.import_id,
        list(lines),
    )
    return [(row.line, json.loads(row.row)) for row in sorted(rows, key=lambda row: row.line)]


async def any_left(uow: UnitOfWork, import_id: UUID) -> bool:
    found: bool = await uow.value("select exists (select from line_set_aside where import_id = $1)", import_id)
    return found
