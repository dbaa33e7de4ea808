"""Where membership is wired."""

import asyncio
import contextlib

from services.membership.use_cases.turn_days import turn_days
from services.membership.web.api import routes
from shared.service import Service, ServiceContext

TURN_EVERY = 2.0  # seconds; a new day may wait that long


async def turn_days_by_themselves(context: ServiceContext) -> None:
    """One process turns dates into facts; the others stand by."""
    lease = context.lease("turn-days")
    while not context.stopping.is_set():
        if await lease.take():
            while await context.store.run(turn_days):
                pass
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), TURN_EVERY)


def build() -> Service:
    return Service(name="membership", routers=[routes], workers=[turn_days_by_themselves])
