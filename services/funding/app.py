"""What the funding service is made of."""

import asyncio
import contextlib
from datetime import date

import structlog

from services.funding.inbound import INBOUND
from services.funding.use_cases.turn_year import ClockJumped, turn_year_for_all
from services.funding.web.api import routes
from shared.clock import TODAY
from shared.service import Service, ServiceContext

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # seconds; a new award year may wait that long


async def open_awards_of_new_years(context: ServiceContext) -> None:
    """Once a day, by one process: the others stand by."""
    lease = context.lease("award-year")
    done: date | None = None
    while not context.stopping.is_set():
        if await lease.keep():
            ((today,),) = await context.store.rows(f"select {TODAY}")
            if today != done:
                try:
                    await turn_year_for_all(context.store)
                    done = today
                except ClockJumped as jumped:
                    log.error(
                        "award-year.waits",
                        why=str(jumped),
                        cure="look at the clock, then POST /api/v1/tick?confirm=true",
                    )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), LOOK_EVERY)
    await lease.let_go()


def build() -> Service:
    return Service(name="funding", routers=[routes], inbound=INBOUND, workers=[open_awards_of_new_years])
