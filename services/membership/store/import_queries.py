"""Reading imports: how far each has got, what it did, and why it ended."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from services.membership.domain.failure import CURE_FOR_OPS, FOR_OFFICERS, LINES_WAIT, cure_of
from services.membership.domain.import_report import for_reader, schools_for_reader
from shared.refusal import NotFound
from shared.store import UnitOfWork

IN_STEPS_OF = 100  # lines: how far a file has got, for those who may not know at which line it stands


class UnknownImport(NotFound):
    def __init__(self, import_id: UUID):
        super().__init__(f"There is no import {import_id}: see `consortia imports list --all`")


_IMPORT = """
    select import_id, kind, name, layout, sha256, state, as_at, dry_run, lines, position, changed, kept_back,
           report::text as report, notes::text as notes, problems_found, problems::text as problems, failed_line,
           failed_because, discarded_because, began_at, ended_at,
           jsonb_build_object(
               'lines', (select count(*) from line_set_aside s where s.import_id = import.import_id and s.line > 0),
               'for', (select coalesce(jsonb_object_agg(urn, lines), '{}') from (
                   select urn, count(*) filter (where s.line > 0) as lines
                   from line_set_aside s cross join unnest(s.waits_for) as waited (urn)
                   where s.import_id = import.import_id and exists (
                       select from school here where here.urn = waited.urn and here.authority = any($1::text[]))
                   group by urn) each_school))::text as waiting
    from import
"""


async def import_of(
    uow: UnitOfWork, import_id: UUID, authorities: Collection[str] = (), *, ids_only: bool = False
) -> dict[str, Any]:
    """``authorities``: those of whose schools it is said that lines wait for them, and what changed. Raises UnknownImport.

    ``ids_only``: for those who may not know of which school something can't be done; a line of the file would name it.
    """
    row = await uow.row(f"{_IMPORT} where import_id = $2", list(authorities), import_id)
    if row is None:
        raise UnknownImport(import_id)
    return _shown(row, authorities, ids_only)


async def list_imports(
    uow: UnitOfWork, state: str | None, limit: int, authorities: Collection[str] = (), *, ids_only: bool = False
) -> Sequence[dict[str, Any]]:
    """The latest first; without the lines that can't be taken and the schools that would change, of which there may be many."""
    rows = await uow.rows(
        f"{_IMPORT} where $2::text is null or state = $2 order by began_at desc, import_id limit $3::integer",
        list(authorities),
        state,
        limit,
    )
    return [
        {
            name: value
            for name, value in _shown(row, authorities, ids_only).items()
            if name not in ("problems", "warnings", "schools")
        }
        for row in rows
    ]


def _shown(row: Any, authorities: Collection[str], ids_only: bool) -> dict[str, Any]:
    found = dict(row._mapping) | {
        name: json.loads(getattr(row, name)) for name in ("report", "notes", "problems", "waiting")
    }
    found["warnings"] = [each for each in found["problems"] if each.get("taken")]
    found["problems"] = [each for each in found["problems"] if not each.get("taken")]
    found["schools"] = schools_for_reader(found["report"], authorities)
    found["report"] = for_reader(found["report"], authorities)
    line, because = found.pop("failed_line"), found.pop("failed_because")
    found["waiting"]["because"] = LINES_WAIT if found["state"] == "waiting" or found["waiting"]["lines"] else None
    found["failure"] = {"line": line, "reason": because, "cure": cure_of(line)} if because else None
    if ids_only:
        found["position"] -= found["position"] % IN_STEPS_OF
        if because:
            found["failure"] = {"line": None, "reason": FOR_OFFICERS, "cure": CURE_FOR_OPS}
    return found
