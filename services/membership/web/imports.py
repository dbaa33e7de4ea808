"""Files of the registers: sending one, how far it has got, and what is wrong with it."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.membership.domain.import_report import Reader
from services.membership.registers.file import SentFile
from services.membership.store import import_queries
from services.membership.use_cases import failed_imports
from services.membership.use_cases.receive_file import receive
from services.membership.web.allowed import IMPROVEMENT, routes
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.messaging.cause import Cause
from shared.web.csv_answer import csv_answer
from shared.web.routes import Act, needs


class DiscardImport(Body):
    reason: str = Field(
        min_length=1,
        description="Why nothing more of the file is wanted; it is kept, and officers of every authority read it",
    )


@routes.post("/imports/{kind}", policy=needs("la.officer"), status_code=201)
async def import_file(
    kind: str, act: Act, request: Request, name: str = "", as_at: Day | None = None, dry_run: bool = False
) -> Response:
    """Import a register's file, sent as it is. The answer comes when every line was checked; applying goes on after it.

    With `dry_run=true` nothing changes: the report of the import tells what would, and `schools` the first hundred of each
    kind. Categories, speakers and histories that change are counted, and schools are named, for officers of their authority.
    """
    file = SentFile()
    try:
        await file.receive(request.stream())

        async def work(cause: Cause) -> object:
            return await receive(
                act.store,
                cause,
                file,
                kind=kind,
                name=name,
                as_at=as_at,
                requested_by=act.principal.subject,
                dry_run=dry_run,
            )

        return await act.once_in_parts(work, subject=f"{kind} {name}".strip(), why="", content=file.digest)
    finally:
        file.close()


@routes.get("/imports", policy=needs("la.officer", "la.ops"))
async def list_imports(
    act: Act,
    state: Literal["receiving", "refused", "applying", "waiting", "done", "abandoned", "failed", "discarded"]
    | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The latest imports; with `state=failed` those that wait for somebody, each with its cure.

    `state=waiting`: applied but for the lines under `waiting`, which wait until their schools go on (`GET /due`). Schools
    are named to officers of their authority. At which line a file has failed, and why, is shown to whoever sent it and to
    officers who may know of every school that the line names.
    """
    return list(
        await act.read(lambda uow: import_queries.list_imports(uow, state, max(1, min(limit, 500)), _reader(act)))
    )


@routes.get("/imports/{import_id}", policy=needs("la.officer", "la.ops"))
async def get_import(import_id: UUID, act: Act) -> dict[str, Any]:
    """How far an import has got, and what it did; `waiting.for_the_clock` says where that waits for somebody to confirm it.

    Lines that can't be taken or should be looked at, and the one at which it failed, are shown to officers of their schools'
    authority, and all of them to whoever sent the file. The ops team gets their numbers. The first thousand of a kind are kept;
    `problems_found` and `warnings_found` count all, as far as the file is applied.
    """
    return await act.read(lambda uow: import_queries.import_of(uow, import_id, _reader(act)))


def _reader(act: Act) -> Reader:
    """Of which school something can't be done, or changes, may be nobody's business but school improvement's there (R0.8).

    The ops team sees that a file has failed, and of no line which school it is (decision 26).
    """
    who = act.principal
    if not who.roles & IMPROVEMENT:
        return Reader(ids_only=True)
    return Reader(who.authorities, who.subject)


@routes.get("/imports/{import_id}/problems.csv", policy=needs("la.officer"), response_class=Response)
async def get_problems(import_id: UUID, act: Act) -> Response:
    """The lines that can't be taken, or were and should be looked at, for a spreadsheet: file, line, column, value, cure.

    Those that `GET /imports/{import_id}` shows this officer.
    """
    found = await act.read(lambda uow: import_queries.import_of(uow, import_id, _reader(act)))
    listed = found["problems"] + found["warnings"]
    rows = [[found["name"], each["line"], each["column"], each["value"], each["cure"]] for each in listed]
    return csv_answer(f"problems-{import_id}.csv", ["file", "line", "column", "value", "cure"], rows)


@routes.post("/imports/{import_id}/retry", policy=needs("la.officer"))
async def retry_import(import_id: UUID, act: Act) -> Response:
    """Apply the rest of a file that failed. What it had applied is not applied again."""
    return await act.once(lambda uow: failed_imports.retry(uow, import_id, _reader(act)))


@routes.post("/imports/{import_id}/discard", policy=needs("la.officer"))
async def discard_import(import_id: UUID, body: DiscardImport, act: Act) -> Response:
    """Apply nothing more of a file that failed, or of which lines wait for a school. What it had applied stays."""
    return await act.once(lambda uow: failed_imports.discard(uow, import_id, body.reason, _reader(act)))
