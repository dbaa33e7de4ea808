"""The worker that sends what is due: one of them active at a time, by a lease; a slow receiver delays only itself."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from services.notifications.domain.retry import SCHEDULE, Outcome, decide
from services.notifications.sender import Sender
from services.notifications.settings import settings
from services.notifications.store import webhooks
from services.notifications.store.webhooks import Attempt, Due
from shared.crash import crash_point
from shared.messaging.lease import Lease, still_ours
from shared.metrics import DELIVERIES
from shared.service import ServiceContext
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)

COUNTED_AS = {
    Outcome.DELIVERED: "sent",
    Outcome.TRY_AGAIN: "failed",
    Outcome.PAUSE: "paused",
    Outcome.DISABLE: "refused",
}

EAGER, CALM = 0.05, 2.0  # seconds between looks while there is work, and when there is none
EAGER_LOOKS = 40
SHORTEST = 0.1  # seconds; under a stream of commits we look this often, not at each of them


async def deliver_webhooks(context: ServiceContext) -> None:
    """A worker of the service process."""
    told = settings()
    sender = Sender(allowed=told.allowed, timeout=told.webhook_timeout_seconds, at_once=told.webhook_at_once)
    async with sender:
        deliverer = Deliverer(context.store, sender, told.schedule)
        await deliverer.run(context.lease("webhooks"), context.stopping)


class Deliverer:
    """Looks for what is due and sends it, one round a subscription at a time."""

    def __init__(self, store: Store, sender: Sender, schedule: Sequence[timedelta] = SCHEDULE):
        self.store = store
        self.sender = sender
        self.schedule = schedule
        self._rounds: dict[UUID, asyncio.Task[None]] = {}
        self._look = asyncio.Event()
        self._lease: Lease | None = None

    async def run(self, lease: Lease, stopping: asyncio.Event) -> None:
        self._lease = lease
        eager = 0
        try:
            while not stopping.is_set():
                if not await lease.keep():
                    # Another process sends now; what we began would be sent twice.
                    await self._drop_rounds()
                    await _pause(stopping, CALM)
                    continue
                eager = EAGER_LOOKS if await self.look() else max(eager - 1, 0)
                self._look.clear()
                await self._until_next_look(stopping, EAGER if eager else CALM)
                if not self._look.is_set():
                    await _pause(stopping, SHORTEST)
        finally:
            await self._drop_rounds()
            with contextlib.suppress(Exception):
                await lease.let_go()

    async def look(self) -> bool:
        """Begin a round for every subscription that has something due and is not busy; whether there was any."""
        found = await webhooks.due(self._rounds, self.store)
        by_subscription: dict[UUID, list[Due]] = {}
        for each in found:
            by_subscription.setdefault(each.subscription_id, []).append(each)
        for subscription_id, deliveries in by_subscription.items():
            self._rounds[subscription_id] = asyncio.create_task(self._round(subscription_id, deliveries))
        return bool(found)

    async def settle(self) -> None:
        """Until the rounds that have begun are over."""
        while self._rounds:
            await asyncio.gather(*self._rounds.values())

    async def _round(self, subscription_id: UUID, deliveries: Sequence[Due]) -> None:
        try:
            crash_point("delivery.before_send")
            found = await asyncio.gather(*(self._attempt(each) for each in deliveries), return_exceptions=True)
            crash_point("delivery.after_send")
            attempts = [each for each in found if isinstance(each, Attempt)]
            if attempts:
                await self.store.run(lambda uow: self._keep(attempts, uow))
            for each in attempts:
                DELIVERIES.labels("notifications", COUNTED_AS[each.decision.outcome]).inc()
            for problem in (each for each in found if isinstance(each, BaseException)):
                raise problem
        except Exception as problem:
            # Not recorded: it is due still, and is sent again under the same id.
            log.warning("webhooks.round_failed", subscription=str(subscription_id), problem=type(problem).__name__)
        finally:
            del self._rounds[subscription_id]
            self._look.set()

    async def _attempt(self, due: Due) -> Attempt:
        answer = await self.sender.send(
            due.url, secret=due.secret, webhook_id=str(due.id), body=due.body, first=lambda: still_ours(self._lease)
        )
        decision = decide(answer.status, due.attempts + 1, self.schedule)
        return Attempt(due, answer.at, answer.took_ms, answer.status, answer.problem, decision)

    async def _keep(self, attempts: Sequence[Attempt], uow: UnitOfWork) -> None:
        await webhooks.keep_attempts(attempts, uow)
        for outcome, state, why in (
            (Outcome.DISABLE, "disabled", "the receiver answered 410 Gone"),
            (Outcome.PAUSE, "paused", "every attempt of the schedule failed"),
        ):
            last = next((each for each in attempts if each.decision.outcome is outcome), None)
            if last is not None and await webhooks.stop(
                last.due.subscription_id, state, why, last.due.correlation_id, uow
            ):
                log.error(f"subscription.{state}", subscription=str(last.due.subscription_id), why=why)

    async def _until_next_look(self, stopping: asyncio.Event, seconds: float) -> None:
        """A round that ended may have made room for the next of its keys, and a commit may have brought work."""
        ended = [asyncio.create_task(stopping.wait()), asyncio.create_task(self._look.wait())]
        if self.store.relay_is_here:  # it clears this event; without it the event would stay set
            ended.append(asyncio.create_task(self.store.committed.wait()))
        try:
            await asyncio.wait(ended, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ended:
                each.cancel()

    async def _drop_rounds(self) -> None:
        rounds = list(self._rounds.values())
        for each in rounds:
            each.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
