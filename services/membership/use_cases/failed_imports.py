"""A file that can't be applied fails in sight of an officer, who tries it again or gives it up; no other waits for it.

Files in any order end in the same state, so the later ones go on. The one exception is a file of the same kind and day:
of these the line that was sent last counts, so the one that failed is not tried again once another was sent.
"""

from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError

from services.membership.domain.failed_day import HELD_UP
from services.membership.domain.import_report import Reader
from services.membership.store import imports
from services.membership.store.import_queries import NOBODY, UnknownImport, import_of
from services.membership.use_cases.hold import StandsStill
from services.membership.use_cases.import_files import APPLIED_AT_ONCE, Attempt
from services.membership.use_cases.pace import Pace
from services.membership.use_cases.patience import Patience
from services.membership.use_cases.receive_file import arrived
from shared.crash import crash_point
from shared.failures import is_away, ran_out_of_time, sqlstate, will_pass
from shared.metrics import REGISTRY
from shared.refusal import Refusal
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)

FAILED_IMPORTS = Gauge(
    "consortia_imports_failed", "Files that could not be applied and wait for an officer", registry=REGISTRY
)
WAITING_LINES = Gauge(
    "consortia_import_lines_waiting", "Lines of files that wait for a school that stands still", registry=REGISTRY
)


LAST_TRY = len(APPLIED_AT_ONCE) - 1  # the lines one by one
TOOK_TOO_LONG = (
    "Even by itself it takes longer than a transaction may. Have whoever runs the service look at the machine, then try it "
    "again"
)


class NotFailed(Refusal):
    def __init__(self, state: str):
        super().__init__(f"This import is {state}: only one that failed can be tried again or given up.")


class SentAgainSince(Refusal):
    def __init__(self, later: UUID):
        super().__init__(
            f"Another file of this kind and day was sent since (import {later}), and its lines count. Discard this one; "
            "send again what the other lacks."
        )


async def apply_files(store: Store, pace: Pace, patience: Patience | None = None) -> bool:
    """One chunk: whether to go on at once. A chunk that fails is tried again at the next look, in smaller pieces.

    Lines that meet a school that stands still are set aside, and the rest goes on (docs/decisions/0022). Of a chunk that
    took too long half is tried; only what does so by itself has failed. A line of which others have something locked is waited
    for, with ``patience`` no longer than that lasts.
    """
    attempt = Attempt(at_most=pace.lines)
    while True:
        began = monotonic()
        try:
            more = await store.run(attempt)
        except Exception as problem:
            if isinstance(problem, StandsStill) and problem.urns - attempt.still:
                attempt = Attempt(attempt.still | problem.urns, pace.lines)
                continue
            too_long = ran_out_of_time(problem)
            if attempt.found is None or (is_away(problem) and not too_long):
                raise
            if too_long and pace.slows_down(attempt.lines):
                log.warning("import.chunk_took_too_long", import_id=str(attempt.found.import_id), lines=attempt.lines)
                return True
            held_up = will_pass(problem) and not too_long
            if held_up and attempt.found.tries == LAST_TRY and (patience is None or not patience.is_over()):
                log.warning("import.waits_for_a_lock", import_id=str(attempt.found.import_id))
                return False
            because = HELD_UP if held_up else reason_of(problem)
            await store.run(partial(_failed, attempt=attempt, problem=problem, because=because))
            return isinstance(problem, StandsStill)  # that is no fault that may be over in a moment
        if patience is not None:
            patience.begins_anew()
        if attempt.to_line is not None:
            pace.went_well(monotonic() - began)
            crash_point("import.chunk_applied")
        return more


async def _failed(uow: UnitOfWork, *, attempt: Attempt, problem: Exception, because: str) -> None:
    found, to_line = attempt.found, attempt.to_line
    assert found is not None
    known = {"import_id": str(found.import_id), "kind": found.kind}  # not the line, which is a school's (R0.8)
    if found.tries < LAST_TRY:
        log.warning("import.chunk_failed", **known, problem=type(problem).__name__)
        await imports.note_try(uow, found, to_line)
        return
    log.error("import.failed", **known, cure="mend it, then retry the import or discard it", exc_info=problem)
    await imports.fail(uow, found, to_line, because)


def reason_of(problem: Exception) -> str:
    """A rule's own sentence; else the kind only, since what an error says may repeat what is restricted (R0.8)."""
    if isinstance(problem, Refusal):
        return str(problem)
    if ran_out_of_time(problem):
        return TOOK_TOO_LONG
    if isinstance(problem, DBAPIError):
        rule = getattr(problem.orig.__cause__, "constraint_name", None) if problem.orig else None
        return f"The database refused it ({sqlstate(problem)}{f', {rule}' if rule else ''})"
    return f"An unexpected error ({type(problem).__name__})"


async def retry(uow: UnitOfWork, import_id: UUID, reader: Reader = NOBODY) -> dict[str, Any]:
    """What is not applied yet is applied, once. Raises UnknownImport, NotFailed, SentAgainSince."""
    await _that_failed(uow, import_id)
    if later := await imports.sent_again_since(uow, import_id):
        raise SentAgainSince(later)
    await imports.try_again(uow, import_id)
    arrived.set()
    return await import_of(uow, import_id, reader)


async def discard(uow: UnitOfWork, import_id: UUID, reason: str, reader: Reader = NOBODY) -> dict[str, Any]:
    """Nothing more of it is applied; what was, stays. Raises UnknownImport, NotFailed."""
    await _that_failed(uow, import_id, "waiting")
    await imports.give_up(uow, import_id, reason)
    return await import_of(uow, import_id, reader)


async def _that_failed(uow: UnitOfWork, import_id: UUID, *or_is: str) -> None:
    found = await imports.locked(uow, import_id)
    if found is None:
        raise UnknownImport(import_id)
    if found.state not in ("failed", *or_is):
        raise NotFailed(found.state)
