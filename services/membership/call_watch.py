"""Passing inspection calls on in time: one process does it, the others stand by (W-16)."""

import asyncio
import contextlib

from services.membership.use_cases.inspection_calls import look_at_calls
from shared.service import ServiceContext

LOOK_EVERY = 5.0  # seconds; somebody's half hour may be that much longer


async def watch_calls(context: ServiceContext) -> None:
    lease = context.lease("inspection-calls")
    while not context.stopping.is_set():
        if await lease.take():
            while not context.stopping.is_set() and await lease.keep() and await context.store.run(look_at_calls):
                pass
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), LOOK_EVERY)
    await lease.let_go()
