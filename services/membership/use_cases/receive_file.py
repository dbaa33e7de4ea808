"""The first pass over a register's file: every line is checked before anything of it is applied."""

import asyncio
import itertools
import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.registers.doubtful import doubtful
from services.membership.registers.file import SentFile
from services.membership.registers.lines import LAYOUTS, Line, Problem, UnknownKind
from services.membership.store import imports
from shared.crash import crash_point
from shared.messaging.cause import Cause, new_id
from shared.refusal import Invalid
from shared.store import Store, UnitOfWork

STAGED_AT_ONCE = 2000  # lines
PROBLEMS_SHOWN = 100

arrived = asyncio.Event()  # set when a file waits to be applied, so that nobody has to wait for the next look


class FileWithoutDay(Invalid):
    def __init__(self, name: str):
        super().__init__(
            f"Say of which day {name or 'the file'} is, since its name has none (`--as-at 2025-08-31`, or as_at=2025-08-31): "
            "of two files the later day counts, and an older file taken for today's would stand against those of the days "
            "between. Nothing was imported"
        )


class FileOfALaterDay(Invalid):
    def __init__(self, as_at: date, latest: date):
        super().__init__(
            f"The file can't be of {as_at:%-d %B %Y}: that day has not come. It would count for more than every file until "
            f"then. Enter the day on which it was published, {latest:%-d %B %Y} or earlier. Nothing was imported"
        )


@dataclass(frozen=True)
class Received:
    """``notes``: what is worth knowing and no problem. ``problems`` shows the first hundred.

    ``warnings``: lines that were taken and that somebody should look at, the first hundred of them; ``warnings_found``: how many
    checking has shown. Applying them may show more, which the import counts on.
    """

    import_id: UUID
    kind: str
    name: str
    layout: str
    state: str
    as_at: date
    dry_run: bool
    lines: int
    notes: list[str]
    problems_found: int
    problems: list[Problem]
    warnings_found: int
    warnings: list[Problem]


def date_in(name: str) -> date | None:
    """The day that a file's name carries, as the publishers write it: edubasealldata20240617.csv."""
    found = re.search(r"(20\d{2})-?(\d{2})-?(\d{2})", name)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _day_of(name: str, as_at: date | None, latest: date) -> date:
    """The day of the edition, which decides what it counts for, so that no guess will do (D3.11)."""
    day = as_at or date_in(name)
    if day is None:
        raise FileWithoutDay(name)
    if day > latest:
        raise FileOfALaterDay(day, latest)
    return day


async def receive(
    store: Store,
    cause: Cause,
    file: SentFile,
    *,
    kind: str,
    name: str,
    as_at: date | None,
    requested_by: str,
    dry_run: bool = False,
) -> Received:
    """Read and check every line. The file is refused whole if one of them can't be taken.

    ``dry_run``: what would change is worked out and counted, and nothing of it stays.
    """
    if kind not in LAYOUTS:
        raise UnknownKind(kind)
    reading = file.read(kind)
    import_id = new_id()

    async def begin(uow: UnitOfWork) -> date:
        day = _day_of(name, as_at, await imports.latest_day(uow))
        await imports.begin(
            uow,
            import_id,
            kind=kind,
            name=name,
            layout=reading.layout.name,
            notes=reading.notes,
            sha256=file.sha256,
            as_at=day,
            dry_run=dry_run,
            requested_by=requested_by,
        )
        return day

    day = await store.run(begin, cause=cause)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    found = lines = warned = 0
    try:
        while batch := await asyncio.to_thread(lambda: list(itertools.islice(reading.lines, STAGED_AT_ONCE))):
            wrong = [each for each in batch if isinstance(each, Problem)]
            good = [each for each in batch if isinstance(each, Line)]
            found += len(wrong)
            problems += wrong[: imports.PROBLEMS_KEPT - len(problems)]
            lines += len(good)
            doubted = [doubt for each in good for doubt in doubtful(each, reading.layout, day)]
            warned += len(doubted)
            warnings += doubted[: imports.PROBLEMS_KEPT - len(warnings)]
            if not problems and good:
                await store.run(lambda uow, good=good: imports.stage(uow, import_id, good))  # type: ignore[misc]
                crash_point("import.staged")
    except BaseException:
        await store.run(lambda uow: imports.refuse(uow, import_id, [], 0))
        raise
    if problems:
        warned, warnings = 0, []  # nothing was taken, so that there is nothing to look at but these
        await store.run(lambda uow: imports.refuse(uow, import_id, problems, found))
    else:
        await store.run(lambda uow: imports.accept(uow, import_id, lines, warnings, warned))
        crash_point("import.accepted")
        arrived.set()
    return Received(
        import_id=import_id,
        kind=kind,
        name=name,
        layout=reading.layout.title,
        state="refused" if problems else "applying",
        as_at=day,
        dry_run=dry_run,
        lines=lines,
        notes=reading.notes,
        problems_found=found,
        problems=problems[:PROBLEMS_SHOWN],
        warnings_found=warned,
        warnings=warnings[:PROBLEMS_SHOWN],
    )
