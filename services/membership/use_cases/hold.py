"""Before anything about schools changes: lock them, and bring them up to today."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.membership.domain.doubtful_clock import LONGEST_JUMP, ClockWaits
from services.membership.store import due, failed_due, representation
from services.membership.use_cases import restricted
from services.membership.use_cases.reroute import Change, reroute
from shared.failures import will_pass
from shared.messaging.cause import Cause
from shared.refusal import Refusal
from shared.store import UnitOfWork


class StandsStill(Refusal):
    def __init__(self, urns: Sequence[str]):
        self.urns = frozenset(urns)
        super().__init__(
            f"Something that was due of {' and '.join(urns)} can't be done, so nothing of it may change until that is put "
            "right or given up: see `consortia due list`"
        )


async def hold(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
    """Lock these schools and bring them up to today, before anything about them changes.

    Raises ClockWaits while nobody has confirmed that the clock is right, and StandsStill while something that was due
    of one of them can't be done.
    """
    held, still, problem = await _hold(uow, urns)
    if still:
        raise StandsStill(sorted(still)) from problem
    return held


async def hold_but_for_still(uow: UnitOfWork, urns: Iterable[str]) -> tuple[list[str], frozenset[str]]:
    """The same for an act on a whole body or authority: those that were brought up to today, and those that stand still.

    For what counts from today or a later day. Whoever changes anything leaves alone what stands still: it is looked at on
    each of its days when it goes on, in their order, and sees what was changed then (docs/decisions/0022).
    """
    held, still, _ = await _hold(uow, urns)
    if not still:
        return held, still
    rest = [urn for urn in held if urn not in still]
    await settle(uow, rest)
    return rest, still


async def _hold(uow: UnitOfWork, urns: Iterable[str]) -> tuple[list[str], frozenset[str], Exception | None]:
    """These schools, locked and up to today; or, where that failed, those of them that stand still, and nothing is done."""
    if await due.waits_for_confirmation(uow, LONGEST_JUMP):
        raise ClockWaits(uow.today)  # under a wrong clock days would be told that have not come (D3.10)
    held = await representation.lock(uow, urns)
    days = await representation.due_days(uow, held, uow.today)
    still = await failed_due.standing_still(uow) & days.keys() if days else frozenset()
    if not still:
        if days:
            await settle(uow, held)
        return held, frozenset(), None
    try:
        async with uow.part():
            await settle(uow, held)
    except Exception as problem:
        if will_pass(problem):
            raise
        return held, frozenset(still), problem
    return held, frozenset(), None


async def settle(
    uow: UnitOfWork,
    urns: Sequence[str],
    causes: Mapping[str, Cause] | None = None,
    *,
    kind: str = "register",
    up_to: date | None = None,
) -> None:
    """Look at locked schools on each day on which a date among their facts has come, in order, up to today.

    Restricted facts of a day go first, each in its own story: looked at with everything else, what follows from them
    would leave before the school was told (R0.8).
    """
    told = causes or {}
    while days := await representation.due_days(uow, urns, up_to or uow.today):
        if await restricted.tell_due(uow, days):
            continue
        stories = {urn: told.get(urn) or Cause.story() for urn in days}
        await reroute(uow, list(days), Change(kind, stories, days=days))
