"""Passing inspection calls on in time: one process does it, the others stand by (W-16)."""

import asyncio
import contextlib
import time
from uuid import UUID

import structlog

from services.membership.store.waiting import calls_under_way
from services.membership.use_cases.inspection_calls import Look
from shared.failures import will_pass
from shared.service import ServiceContext
from shared.store import Store

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # seconds; somebody's half hour may be that much longer
AGAIN_AFTER = 60.0  # seconds until a call that could not be passed on is tried again


async def watch_calls(context: ServiceContext) -> None:
    lease = context.lease("inspection-calls")
    watch = Watch(context.store)
    while not context.stopping.is_set():
        if await lease.keep() and await calls_under_way(context.store):
            while not context.stopping.is_set() and await lease.keep() and await watch.look():
                pass
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), LOOK_EVERY)
    await lease.let_go()


class Watch:
    """Does what time has brought, call by call; one that can't be passed on keeps no other waiting."""

    def __init__(self, store: Store):
        self.store = store
        self._again_at: dict[UUID, float] = {}

    async def look(self) -> bool:
        """Whether to go on at once."""
        self._again_at = {call: at for call, at in self._again_at.items() if at > time.monotonic()}
        look = Look(but=self._again_at.keys())
        try:
            return await self.store.run(look)
        except Exception as problem:
            if look.call_id is None or will_pass(problem):
                raise
            cure = "ring the next in line (consortia calls), and mend it"
            log.error("inspection-call.not_passed_on", call_id=str(look.call_id), cure=cure, exc_info=problem)
            self._again_at[look.call_id] = time.monotonic() + AGAIN_AFTER
            return True
