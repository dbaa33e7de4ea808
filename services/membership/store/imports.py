"""Imports of files: how far each has got, and the lines that wait to be applied."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.membership.domain.set_aside import schools_in
from services.membership.registers.lines import Line, Problem
from shared.refusal import Refusal
from shared.store import UnitOfWork


class TookTooLong(Refusal):
    def __init__(self) -> None:
        super().__init__("The file took more than an hour to arrive and was given up. Send it again.")


@dataclass(frozen=True)
class Import:
    import_id: UUID
    kind: str
    name: str
    as_at: date
    lines: int
    position: int
    traceparent: str | None
    layout: str
    dry_run: bool
    report: Counter[str]
    tries: int
    tried_to: int | None
    state: str
    lines_wait: bool  # some lines of some import were set aside
    warnings: list[Problem] = field(default_factory=list)  # of lines that were taken: what applying them has shown


async def latest_day(uow: UnitOfWork) -> date:
    """The latest day of which a file can be: today. A test clock that lies in the past reads files of its own future."""
    found: date = await uow.value("select greatest($1::date, (now() at time zone 'Europe/London')::date)", uow.today)
    return found


async def begin(
    uow: UnitOfWork,
    import_id: UUID,
    *,
    kind: str,
    name: str,
    layout: str,
    notes: Sequence[str],
    sha256: str,
    as_at: date,
    dry_run: bool,
    requested_by: str,
) -> None:
    await uow.execute(
        "insert into import (import_id, kind, name, layout, notes, sha256, state, as_at, dry_run, traceparent, "
        "requested_by) values ($1, $2, $3, $4, $5::text::jsonb, $6, 'receiving', $7::date, $8::boolean, $9, $10)",
        import_id,
        kind,
        name,
        layout,
        json.dumps(notes),
        sha256,
        as_at,
        dry_run,
        uow.cause.traceparent,
        requested_by,
    )


async def stage(uow: UnitOfWork, import_id: UUID, lines: Sequence[Line]) -> None:
    kept = await uow.execute(
        "insert into import_line (import_id, line, row) select $1::uuid, line, row::jsonb "
        "from unnest($2::integer[], $3::text[]) as n (line, row) "
        "where exists (select from import where import_id = $1::uuid and state = 'receiving')",
        import_id,
        [each.number for each in lines],
        [json.dumps(each.kept) for each in lines],
    )
    if not kept:
        raise TookTooLong


async def refuse(uow: UnitOfWork, import_id: UUID, problems: Sequence[Problem], found: int) -> None:
    """Nothing of the file is applied. ``found``: how many problems there are in all."""
    await uow.execute("delete from import_line where import_id = $1", import_id)
    await uow.execute(
        "update import set state = 'refused', problems = $2::text::jsonb, problems_found = $3::integer, "
        "ended_at = clock_timestamp() where import_id = $1",
        import_id,
        json.dumps([asdict(each) for each in problems]),
        found,
    )


async def accept(
    uow: UnitOfWork, import_id: UUID, lines: int, warnings: Sequence[Problem] = (), warned: int = 0
) -> None:
    """Raises TookTooLong where it was given up meanwhile: its lines are gone. Of so many ``warned`` these are kept."""
    accepted = await uow.execute(
        "update import set state = 'applying', lines = $2::integer, problems = $3::text::jsonb, "
        "warnings_found = $4::integer where import_id = $1 and state = 'receiving'",
        import_id,
        lines,
        json.dumps([asdict(each) for each in warnings]),
        max(warned, len(warnings)),
    )
    if not accepted:
        raise TookTooLong


async def abandon_unfinished_uploads(uow: UnitOfWork) -> None:
    """An upload that broke off is worth nothing; whoever sent it sends it again."""
    rows = await uow.rows(
        "update import set state = 'abandoned', ended_at = clock_timestamp() "
        "where state = 'receiving' and began_at < clock_timestamp() - interval '1 hour' returning import_id"
    )
    if rows:
        await uow.execute("delete from import_line where import_id = any($1::uuid[])", [row.import_id for row in rows])


_IMPORT = """
    select import_id, kind, name, as_at, lines, position, traceparent, layout, dry_run, report::text as report, tries,
           tried_to, state, exists (select from line_set_aside) as lines_wait
    from import
"""


async def next_to_apply(uow: UnitOfWork) -> Import | None:
    """The oldest import that isn't finished, locked: nobody else applies it meanwhile."""
    row = await uow.row(
        f"{_IMPORT} where state = 'applying' order by began_at, import_id limit 1 for update skip locked"
    )
    return _import(row) if row is not None else None


async def import_if_free(uow: UnitOfWork, import_id: UUID) -> Import | None:
    """This import, locked; None where somebody else is at it."""
    row = await uow.row(f"{_IMPORT} where import_id = $1 for update skip locked", import_id)
    return _import(row) if row is not None else None


def _import(row: Row[Any]) -> Import:
    return Import(**dict(row._mapping) | {"report": Counter(json.loads(row.report))})


async def next_lines(uow: UnitOfWork, found: Import, at_most: int) -> list[tuple[int, dict[str, Any]]]:
    rows = await uow.rows(
        "select line, row::text as row from import_line where import_id = $1 and line > $2::integer order by line "
        "limit $3::integer",
        found.import_id,
        found.position,
        at_most,
    )
    return [(row.line, json.loads(row.row)) for row in rows]


PROBLEMS_KEPT = 1000  # lines of a file, for its report; how many there are in all is counted

# What applying lines has shown: kept, and counted, beside what checking had.
_WARNED = (
    f"problems = jsonb_path_query_array(coalesce(problems, '[]') || $5::text::jsonb, '$[0 to {PROBLEMS_KEPT - 1}]'), "
    "warnings_found = warnings_found + jsonb_array_length($5::text::jsonb)"
)


async def advance(
    uow: UnitOfWork,
    found: Import,
    position: int,
    *,
    report: Counter[str],
    changed: int,
    warnings: Sequence[Problem] = (),
) -> None:
    """Past the chunk that failed everything is as if it never had."""
    await uow.execute(
        f"update import set report = $2::text::jsonb, changed = changed + $3::integer, kept_back = $4::integer, {_WARNED}, "
        "position = $6::integer, tries = case when $6::integer >= tried_to then 0 else tries end, "
        "tried_to = case when $6::integer < tried_to then tried_to end where import_id = $1",
        found.import_id,
        json.dumps(report),
        changed,
        report["outcomes_of_a_later_day"],
        json.dumps([asdict(each) for each in warnings]),
        position,
    )


async def add_to_report(
    uow: UnitOfWork, found: Import, *, report: Counter[str], changed: int, warnings: Sequence[Problem] = ()
) -> None:
    """Lines that had been set aside were applied after all."""
    await uow.execute(
        f"update import set report = $2::text::jsonb, changed = changed + $3::integer, kept_back = $4::integer, {_WARNED} "
        "where import_id = $1",
        found.import_id,
        json.dumps(report),
        changed,
        report["outcomes_of_a_later_day"],
        json.dumps([asdict(each) for each in warnings]),
    )


async def finish(uow: UnitOfWork, found: Import, *, report: Counter[str], changed: int) -> None:
    """Every line is applied, but for those that were set aside: while there are any it waits with them."""
    await uow.execute(
        "delete from import_line l where import_id = $1 and not exists (select from line_set_aside s "
        "where (s.import_id, s.line) = (l.import_id, l.line))",
        found.import_id,
    )
    await uow.execute(
        "update import set state = case when exists (select from line_set_aside where import_id = $1) then 'waiting' "
        "else 'done' end, tries = 0, report = $2::text::jsonb, changed = changed + $3::integer, "
        "ended_at = clock_timestamp() where import_id = $1",
        found.import_id,
        json.dumps(report),
        changed,
    )


async def note_try(uow: UnitOfWork, found: Import, to_line: int | None) -> None:
    """A chunk could not be applied: the next tries are smaller, as far as it reached."""
    await uow.execute(
        "update import set tries = tries + 1, tried_to = coalesce(tried_to, $2::integer) where import_id = $1",
        found.import_id,
        to_line,
    )


async def fail(uow: UnitOfWork, found: Import, line: int | None, because: str) -> None:
    """Its lines are kept: it may be tried again. ``line`` None: all were applied, what follows from them was not."""
    await uow.execute(
        "update import set state = 'failed', failed_line = $2::integer, failed_because = $3, failed_of = $4::text[], "
        "ended_at = clock_timestamp() where import_id = $1",
        found.import_id,
        line,
        because,
        sorted(await _whose_line(uow, found.import_id, line)),
    )


async def _whose_line(uow: UnitOfWork, import_id: UUID, line: int | None) -> set[str]:
    """Of all schools that the line or a link of them names: why it failed may tell of any."""
    row = await uow.value(
        "select row::text from import_line where import_id = $1 and line = $2::integer", import_id, line
    )
    if row is None:
        return set()
    says = json.loads(row)
    here = await uow.rows(
        "with named as (select unnest($1::text[]) as urn) select authority from school where urn in (select urn from named "
        "union select c.urn from continuity c join named on named.urn = c.predecessor_urn "
        "union select c.predecessor_urn from continuity c join named on named.urn = c.urn)",
        sorted(schools_in(says)),
    )
    return {each for each in (says.get("authority"), *(school.authority for school in here)) if each}


async def locked(uow: UnitOfWork, import_id: UUID) -> Row[Any] | None:
    return await uow.row("select state from import where import_id = $1 for update", import_id)


async def sent_again_since(uow: UnitOfWork, import_id: UUID) -> UUID | None:
    """A file of the same kind and day that was taken after this one.

    One that is still being sent is applied after this one, if it comes to its end; if it never does it keeps nothing back.
    """
    found: UUID | None = await uow.value(
        "select later.import_id from import later join import this using (kind, as_at) where this.import_id = $1 "
        "and (later.began_at, later.import_id) > (this.began_at, this.import_id) and not later.dry_run "
        "and not this.dry_run and later.state in ('applying', 'waiting', 'done') order by later.began_at limit 1",
        import_id,
    )
    return found


async def try_again(uow: UnitOfWork, import_id: UUID) -> None:
    await uow.execute(
        "update import set state = 'applying', tries = 0, tried_to = null, failed_line = null, failed_because = null, "
        "failed_of = '{}', ended_at = null where import_id = $1",
        import_id,
    )


async def give_up(uow: UnitOfWork, import_id: UUID, reason: str) -> None:
    """What it had applied stays; the rest is forgotten, and why it failed is kept."""
    await uow.execute("delete from line_set_aside where import_id = $1", import_id)
    await uow.execute("delete from import_line where import_id = $1", import_id)
    await uow.execute(
        "update import set state = 'discarded', discarded_because = $2, ended_at = clock_timestamp() "
        "where import_id = $1",
        import_id,
        reason,
    )
