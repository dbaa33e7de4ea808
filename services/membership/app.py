"""Where membership is wired."""

import asyncio
import contextlib
import itertools
from datetime import date

import structlog

from services.membership.call_watch import watch_calls
from services.membership.domain.doubtful_clock import LONGEST_JUMP, ClockWaits
from services.membership.people_topic import keep_people_topic_right
from services.membership.store.imports import abandon_unfinished_uploads
from services.membership.store.waiting import Waiting, waiting
from services.membership.use_cases.failed_days import FAILED_DUE, turn
from services.membership.use_cases.failed_imports import FAILED_IMPORTS, WAITING_LINES, apply_files
from services.membership.use_cases.pace import Pace
from services.membership.use_cases.patience import Patience
from services.membership.use_cases.receive_file import arrived
from services.membership.use_cases.set_aside import apply_what_waited
from services.membership.use_cases.tell_lines import tell_what_stands
from services.membership.web.api import routes
from shared.messaging.lease import Lease
from shared.service import Service, ServiceContext

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0  # seconds; a new day may wait that long
LOOKS_A_MINUTE = 30

# Of this process: a worker that trips begins again, the lock is held on, and the machine is no faster.
patience_with_days = Patience()
patience_with_files = Patience()
pace = Pace()


async def work_by_itself(context: ServiceContext) -> None:
    """Apply files that were accepted, and turn dates into facts. One process does it; the others stand by."""
    lease = context.lease("membership-work")
    says_that_it_waits = _SaysThatItWaits()
    told = False  # what stood when this release came
    for look in itertools.count():
        if context.stopping.is_set():
            break
        arrived.clear()
        if look % LOOKS_A_MINUTE == 0:
            await context.store.run(abandon_unfinished_uploads)
        found = await waiting(context.store, LONGEST_JUMP)
        show_what_failed(found)
        if await lease.keep():
            if not told:
                await tell_what_stands(context.store)
                told = True
            says_that_it_waits(found)
            if found.anything:
                await _until_nothing_is_left(context, lease)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived.wait(), LOOK_EVERY)
    await lease.let_go()


def show_what_failed(found: Waiting) -> None:
    """For /metrics: what waits for an officer."""
    FAILED_IMPORTS.set(found.failed_files)
    WAITING_LINES.set(found.waiting_lines)
    FAILED_DUE.set(found.failed_due)


class _SaysThatItWaits:
    """Once a day: a clock in doubt is somebody's business, but not every two seconds (D3.10)."""

    said_on: date | None = None

    def __call__(self, found: Waiting) -> None:
        if found.clock_in_doubt and self.said_on != found.today:
            self.said_on = found.today
            log.error("days.wait", why=str(ClockWaits(found.today)), cure="look at the clock, then tick with --confirm")


async def _until_nothing_is_left(context: ServiceContext, lease: Lease) -> None:
    """A file first: the schools that a date concerns may be in it. Lines that waited for a school come after its day."""
    while not context.stopping.is_set() and await lease.keep():
        store = context.store
        if not (
            await apply_files(store, pace, patience_with_files)
            or await turn(store, patience=patience_with_days)
            or await apply_what_waited(store)
        ):
            return


def build() -> Service:
    return Service(name="membership", routers=[routes], workers=[work_by_itself, watch_calls, keep_people_topic_right])
