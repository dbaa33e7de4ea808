"""Lines that were set aside are applied once the schools for which they wait have gone on (docs/decisions/0022).

In the order in which they came, many in one transaction; where that fails fewer, so that the line is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.set_aside import AFTER_ALL, SetAside, may_go
from services.membership.store import due, failed_due, imports, representation
from services.membership.store import set_aside as kept
from services.membership.store.imports import Import
from services.membership.use_cases.failed_imports import reason_of
from services.membership.use_cases.hold import StandsStill
from services.membership.use_cases.import_files import APPLIED_AT_ONCE, apply_lines, changed, end, of_its_line
from shared.failures import ran_out_of_time, will_pass
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)


async def apply_what_waited(store: Store) -> bool:
    """One transaction of it, after the days that have come. Whether there was any."""
    for at_most in APPLIED_AT_ONCE:
        attempt = _Attempt(at_most)
        try:
            return await store.run(attempt)
        except Exception as problem:
            if attempt.found is None or (will_pass(problem) and not ran_out_of_time(problem)):
                raise
            failed = problem
    await store.run(partial(_could_not, attempt=attempt, problem=failed))
    return True


@dataclass
class _Attempt:
    at_most: int
    found: Import | None = None
    lines: list[SetAside] = field(default_factory=list)

    async def __call__(self, uow: UnitOfWork) -> bool:
        lines = await kept.waiting(uow)
        if not lines or await due.waits_for_confirmation(uow, LONGEST_JUMP):
            return False
        free = may_go(lines, await _still(uow, lines))
        if not free or (found := await imports.import_if_free(uow, free[0].import_id)) is None:
            return False
        self.found = found
        mine = [each for each in free if each.import_id == found.import_id]
        self.lines = [each for each in mine if each.line != AFTER_ALL][: self.at_most] or mine
        numbered = await kept.take(uow, found, [each.line for each in self.lines])
        if self.lines[0].line == AFTER_ALL:
            await _end(uow, found)
        else:
            done = await apply_lines(uow, found, [row for _, row in numbered])
            warnings = [of_its_line(each, numbered) for each in found.warnings]
            await imports.add_to_report(
                uow, found, report=found.report + done, changed=changed(done), warnings=warnings
            )
            if found.state == "waiting" and not await kept.any_left(uow, found.import_id):
                await kept.set_aside(uow, [SetAside(found.import_id, AFTER_ALL, frozenset(), frozenset())])
        return True


async def _end(uow: UnitOfWork, found: Import) -> None:
    """One that goes on, or has failed, comes to its end by itself."""
    if found.state == "waiting":
        done = await end(uow, found)
        await imports.finish(uow, found, report=found.report + done, changed=changed(done))


async def _still(uow: UnitOfWork, lines: Sequence[SetAside]) -> set[str]:
    """Those for which these lines wait that stand still, or whose day is not done yet: what is due goes first (R0.8)."""
    urns = sorted({urn for each in lines for urn in each.waits_for})
    due_now = await representation.due_days(uow, urns, uow.today)
    return {*await failed_due.standing_still(uow), *due_now}


async def _could_not(uow: UnitOfWork, *, attempt: _Attempt, problem: Exception) -> None:
    """It meets another school that stands still, or fails as any line may."""
    assert attempt.found is not None
    first = attempt.lines[0]
    if isinstance(problem, StandsStill):
        await kept.set_aside(uow, [replace(first, waits_for=problem.urns)])
        return
    known = {"import_id": str(first.import_id), "kind": attempt.found.kind}
    log.error("import.failed", **known, cure="mend it, then retry the import or discard it", exc_info=problem)
    await imports.fail(uow, attempt.found, first.line or None, reason_of(problem))
