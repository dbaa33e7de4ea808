"""The worker that sends messages to people and opens the stages of telling; one of them active at a time, by a lease."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import structlog

from services.notifications.channels import Answer, Channel, MailServer, Post
from services.notifications.domain.message import EMAIL, TEXT, Kind, may_go
from services.notifications.domain.retry import Fate, after_attempt
from services.notifications.domain.telling import Stage, Why, is_over
from services.notifications.domain.words import Item, email, text
from services.notifications.settings import NotificationsSettings, settings
from services.notifications.store import gate, letters, messages
from services.notifications.store.letters import Letter
from services.notifications.store.messages import Waiting
from services.notifications.use_cases.in_post import pass_on_to_whoever_is_in_post
from services.notifications.use_cases.pass_on import open_stages
from services.notifications.use_cases.tell_people import listening
from shared.calendar import calendar
from shared.crash import crash_point
from shared.failures import is_away
from shared.messaging.lease import Lease, LeaseRanOut, still_ours
from shared.metrics import DELIVERIES
from shared.service import ServiceContext
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)

EAGER, CALM, CALM_WITH_TEST_CLOCK = 0.05, 2.0, 0.25  # seconds between looks while there is work, and when there is none
EAGER_LOOKS = 40
AT_ONCE = 8  # mails at a time; an urgent one waits for none of them

COUNTED_AS = {Fate.ACCEPTED: "sent", Fate.TRY_AGAIN: "failed", Fate.FAILED: "refused"}


async def send_messages(context: ServiceContext) -> None:
    """A worker of the service process."""
    server = MailServer(settings())
    messenger = Messenger(context.store, {EMAIL: server.send, TEXT: server.send}, settings())
    calm = CALM_WITH_TEST_CLOCK if context.settings.test_clock else CALM
    await messenger.run(context.lease("messages"), context.stopping, calm)


class Messenger:
    """Gathers messages into letters, sends what is due, and opens what waited for it."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], told: NotificationsSettings):
        self.store = store
        self.channels = channels
        self.told = told
        self._sending: dict[UUID, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._look = asyncio.Event()
        self._lease: Lease | None = None
        listening.add(self._look)

    async def run(self, lease: Lease, stopping: asyncio.Event, calm: float = CALM) -> None:
        self._lease = lease
        eager = 0
        try:
            while not stopping.is_set():
                if not await lease.keep():
                    await self._drop()  # another process sends now; what we began would be sent twice
                    await self._until(stopping, calm)
                    continue
                eager = EAGER_LOOKS if await self.look() or self._look.is_set() else max(eager - 1, 0)
                self._look.clear()
                await self._until(stopping, EAGER if eager else calm)
        finally:
            await self._drop()
            with contextlib.suppress(Exception):
                await lease.let_go()

    async def look(self) -> bool:
        """Gather, begin to send, open stages; whether there was anything."""
        waiting = await messages.unsent(self.store)
        if not any(waiting) and not self._sending:
            return False
        if waiting.messages or waiting.letters:
            await self.store.run(self._gather)
        due = await self.store.run(self._due)
        for letter in due:
            self._sending[letter.id] = asyncio.create_task(self._send(letter))
        return await self._open() or bool(due) or bool(self._sending)

    async def _due(self, uow: UnitOfWork) -> list[Letter]:
        """What was not sent on its day waits for the next school day, as what is new does (R0.9)."""
        pending = await letters.authorities_of_pending(uow)
        closed = [each for each in pending if calendar().school_hours(each, uow.now) > uow.now]
        return await letters.due(self._sending, closed, uow)

    async def settle(self) -> None:
        """Until the letters that are being sent are sent."""
        while self._sending:
            await asyncio.gather(*self._sending.values())

    async def _gather(self, uow: UnitOfWork) -> None:
        """One e-mail a person, if her week is over; else they wait until it is (R0.9). A desk of the council has no weeks."""
        for person in await pass_on_to_whoever_is_in_post(self._sending, uow):
            await self._let_go_sooner(person, uow)
        waiting = await messages.ready(uow.now, self.told.settle, self.told.patience, uow)
        people: dict[UUID, list[Waiting]] = {}
        for each in waiting:
            people.setdefault(each.person_id, []).append(each)
        last = await letters.last_sent(people, uow)
        going: dict[UUID, list[Waiting]] = {}
        later: dict[UUID, datetime] = {}
        for person, hers in people.items():
            for each in hers:
                at = may_go(calendar(), each.authority, uow.now, last.get(person))
                if at > uow.now and not each.urgent:
                    later[each.id] = at
                else:
                    going.setdefault(person, []).append(each)
        await messages.gather(going, uow)
        await messages.put_off(later, uow)

    async def _send(self, letter: Letter) -> None:
        try:
            crash_point("message.before_send")
            async with contextlib.nullcontext() if letter.asks_at_once else self._places:
                answer = await self._attempt(letter)
            crash_point("message.after_send")
            await self.store.run(lambda uow: self._keep(letter, answer, uow))
        except Exception as problem:
            # Not recorded: it is due still, and is sent again under the same id.
            log.warning("message.not_recorded", letter=str(letter.id), problem=type(problem).__name__)
        finally:
            del self._sending[letter.id]
            self._look.set()

    async def _attempt(self, letter: Letter) -> Answer:
        """One attempt. What goes wrong in our own code is an attempt too, or it would be made again without a pause."""
        try:
            return await self._hand_over(letter)
        except Exception as problem:
            if is_away(problem) or isinstance(problem, LeaseRanOut):
                raise
            log.error("message.not_made", letter=str(letter.id), problem=type(problem).__name__)
            return _nowhere(f"it could not be written ({type(problem).__name__})", for_good=False)

    async def _hand_over(self, letter: Letter) -> Answer:
        async with self.store.unit() as uow:
            known, today = await letters.addresses(letter.person_id, uow), uow.today
            desks = await letters.duty_desks({row.authority for row in letter.items if row.urgent}, uow)
        if known is None:
            return _nowhere("no person or desk is known under this id yet", for_good=False)
        if known.erased:
            return _nowhere("the person was erased")
        to = known.email if letter.channel == EMAIL else known.telephone
        if not to:
            return _nowhere("no e-mail address is known" if letter.channel == EMAIL else "no telephone number is known")
        if problem := self.told.no_channel(letter.channel):
            return _nowhere(problem)
        post = self._post(letter, to, today, desks)
        still_ours(self._lease)
        return await self.channels[letter.channel](post)

    def _post(self, letter: Letter, to: str, today: date, desks: Mapping[str, str]) -> Post:
        items = [item_of(row, self.told.pages_url, desks) for row in letter.items]
        reference = str(letter.id)
        if letter.channel == TEXT:
            return Post(TEXT, to, "Urgent", text(items[0], today), reference, letter.urgent)
        words = email(items, reference, today)
        return Post(EMAIL, to, words.subject, words.body, reference, letter.urgent)

    async def _keep(self, letter: Letter, answer: Answer, uow: UnitOfWork) -> None:
        following = after_attempt(
            accepted=answer.accepted,
            for_good=answer.for_good,
            attempts=letter.attempts + 1,
            schedule=self.told.message_schedule,
        )
        await letters.keep_attempt(letter, answer.at, answer.took_ms, answer.code, answer.problem, following, uow)
        DELIVERIES.labels("notifications", COUNTED_AS[following.fate]).inc()
        if following.fate is Fate.FAILED and not letter.urgent:
            await self._let_go_sooner(letter.person_id, uow)
        if following.fate is Fate.FAILED:
            log.error("message.failed", letter=str(letter.id), channel=letter.channel, reason=answer.problem)

    async def _let_go_sooner(self, person: UUID, uow: UnitOfWork) -> None:
        """What waited for a week after an e-mail of hers that was given up waits for that no longer (R0.9)."""
        last = (await letters.last_sent([person], uow)).get(person)
        waiting = await messages.waiting_for(person, uow)
        at = {each.id: may_go(calendar(), each.authority, uow.now, last) for each in waiting}
        await messages.put_off({each.id: at[each.id] for each in waiting if at[each.id] < each.due_at}, uow)

    async def _open(self) -> bool:
        """Open every stage whose turn has come: people's first, each in a transaction of its own."""
        opened = False
        while await self.store.run(self._advance):
            opened = True
        return opened

    async def _advance(self, uow: UnitOfWork) -> int:
        found = await gate.under_way(uow.now, self.told.patience, uow)
        steps = {}
        for story, (stage, progress) in found.items():
            # Departments are told when the records are on their topics, and that they are since this stage opened.
            why = Why.TOLD if stage is Stage.DEPARTMENTS else is_over(progress)
            if why is not None:
                steps[story] = (stage, why)
        opened = await open_stages(steps, uow)
        if opened:
            crash_point("stages.opened")
        return opened

    async def _until(self, stopping: asyncio.Event, seconds: float) -> None:
        """A letter that is sent may open a stage, and a commit may have brought work."""
        ended = [asyncio.create_task(stopping.wait()), asyncio.create_task(self._look.wait())]
        try:
            await asyncio.wait(ended, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ended:
                each.cancel()

    async def _drop(self) -> None:
        sending = list(self._sending.values())
        for each in sending:
            each.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


def _nowhere(problem: str, *, for_good: bool = True) -> Answer:
    return Answer(datetime.now(UTC), 0, None, problem, for_good)


def item_of(row: Any, pages_url: str, duty_desks: Mapping[str, str] = {}) -> Item:
    """What a message tells of, from its row. ``duty_desks``: the telephone of each authority's, which a call says to ring."""
    details = row.details
    by, since = details.get("answer_by"), details.get("valid_from")
    kind = Kind(row.kind)
    place = f"inspection-calls/{details['call_id']}" if kind is Kind.INSPECTION_CALL else f"schools/{row.urn}"
    return Item(
        kind,
        row.urn,
        row.school_name,
        f"{pages_url.rstrip('/')}/{place}" if pages_url else None,
        date.fromisoformat(since) if since else None,
        tuple(details.get("matters", ())),
        tuple(details.get("also_lost", ())),
        datetime.fromisoformat(by) if by else None,
        details.get("desk"),
        details.get("for_trust", False),
        duty_desks.get(row.authority) if kind is Kind.INSPECTION_CALL else None,
    )
