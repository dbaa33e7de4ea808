"""Reading imports: how far each has got, what it did, and why it ended."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.membership.domain.doubtful_clock import LONGEST_JUMP, waits
from services.membership.domain.failure import CURE_FOR_OPS, CURE_FOR_OTHERS, LINES_WAIT, NOT_FOR_ALL, cure_of
from services.membership.domain.import_report import Reader, for_reader, lines_for, schools_for_reader
from services.membership.store.due import waits_for_confirmation
from shared.refusal import NotFound
from shared.store import UnitOfWork

IN_STEPS_OF = 100  # lines: how far a file has got, for those who may not know at which line it stands
UNFINISHED = ("applying", "waiting")
NOBODY = Reader()


class UnknownImport(NotFound):
    def __init__(self, import_id: UUID):
        super().__init__(f"There is no import {import_id}: see `consortia imports list --all`")


_IMPORT = """
    select import_id, kind, name, layout, sha256, state, as_at, dry_run, lines, position, changed, kept_back,
           report::text as report, notes::text as notes, problems_found, problems::text as problems, requested_by,
           warnings_found, failed_line, failed_because, failed_of, discarded_because, began_at, ended_at,
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


async def import_of(uow: UnitOfWork, import_id: UUID, reader: Reader = NOBODY) -> dict[str, Any]:
    """How far it has got and what it did, as this reader may know it. Raises UnknownImport."""
    row = await uow.row(f"{_IMPORT} where import_id = $2", list(reader.authorities), import_id)
    if row is None:
        raise UnknownImport(import_id)
    return _shown(row, reader, await _clock_of(uow, [row]))


async def list_imports(
    uow: UnitOfWork, state: str | None, limit: int, reader: Reader = NOBODY
) -> Sequence[dict[str, Any]]:
    """The latest first; without the lines that can't be taken and the schools that would change, of which there may be many."""
    rows = await uow.rows(
        f"{_IMPORT} where $2::text is null or state = $2 order by began_at desc, import_id limit $3::integer",
        list(reader.authorities),
        state,
        limit,
    )
    clock = await _clock_of(uow, rows)
    return [
        {
            name: value
            for name, value in _shown(row, reader, clock).items()
            if name not in ("problems", "warnings", "schools")
        }
        for row in rows
    ]


async def _clock_of(uow: UnitOfWork, rows: Sequence[Any]) -> str | None:
    """For which word about the clock these wait, if they do: asked only where any is not at its end."""
    unfinished = any(row.state in UNFINISHED for row in rows)
    return waits(uow.today) if unfinished and await waits_for_confirmation(uow, LONGEST_JUMP) else None


def _shown(row: Any, reader: Reader, clock: str | None) -> dict[str, Any]:
    found = dict(row._mapping) | {
        name: json.loads(getattr(row, name)) for name in ("report", "notes", "problems", "waiting")
    }
    warnings = [each for each in found["problems"] if each.get("taken")]
    problems = [each for each in found["problems"] if not each.get("taken")]
    sent_by = found.pop("requested_by")
    found["warnings"] = lines_for(reader, warnings, sent_by)
    found["problems"] = lines_for(reader, problems, sent_by)
    found["schools"] = schools_for_reader(found["report"], reader.authorities)
    found["report"] = for_reader(found["report"], reader.authorities)
    found["failure"] = _failure(found, reader, sent_by)
    found["waiting"]["because"] = LINES_WAIT if found["state"] == "waiting" or found["waiting"]["lines"] else None
    found["waiting"]["for_the_clock"] = clock if found["state"] in UNFINISHED else None
    if found["state"] != "done" and reader.sends != sent_by and not (found["failure"] or {}).get("line"):
        found["position"] -= found["position"] % IN_STEPS_OF  # the line at which it stands is a school
    if reader.ids_only:
        found["discarded_because"] = None  # in an officer's own words
    return found


def _failure(found: dict[str, Any], reader: Reader, sent_by: str) -> dict[str, Any] | None:
    line, because, of = (found.pop(name) for name in ("failed_line", "failed_because", "failed_of"))
    if because is None:
        return None
    if reader.may_read_why_it_failed(of, sent_by):
        return {"line": line, "reason": because, "cure": cure_of(line)}
    return {"line": None, "reason": NOT_FOR_ALL, "cure": CURE_FOR_OPS if reader.ids_only else CURE_FOR_OTHERS}
