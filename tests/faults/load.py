"""The load: officers who ask for unique things through the real routes, and ask again where no answer came.

Open loop, beside the bulk (`bulk.py`): requests begin at their rate, however long answers take, up to so many at once. An
answer that does not come, or says that the service is away, is unknown and asked for again under the same
Idempotency-Key until it is known.
"""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from infra.local.ports import SERVICES
from tests.faults.asked import Asked, outcomes
from tests.faults.asking import AWAY, Answer, request
from tests.faults.beside import Beside
from tests.faults.bulk import Bulk
from tests.faults.history import FAILED, OK, UNKNOWN, Begun, Journal, Operation, Seen, now
from tests.faults.made_up import Sayings
from tests.faults.scenario import Plan
from tests.faults.steady import Steady
from tests.pace import pace

AT_ONCE = 24
GIVES_UP = 120.0  # seconds after which an operation is left alone, until all has healed
RESTED_UPON = 240.0  # the same of a change of chair, which the next of that body follows: longer than any lock is held
LAST_WORD = 30.0  # seconds that it is given then
REMEMBERED = 60  # requests that are asked again then
WORDS = 300  # bytes of a refusal that are kept
ASKED_AGAIN = ("outcomes", "entry", "meeting", "told", "chair", "call", "details")  # under their old keys, at the end


class Load:
    """All officers of one run."""

    def __init__(
        self,
        journal: Journal,
        addresses: Callable[[str], list[str]],
        token: str,
        *,
        plan: Plan,
        room: Callable[[], bool],
    ):
        self.journal = journal
        self.addresses = addresses
        self.seed = plan.seed
        self.dice = random.Random(plan.seed)
        self.sayings = Sayings(self.dice)
        self.rate = plan.rate
        self.few = plan.few
        self.day = plan.day_seconds
        self.beside = Beside()
        self.bulk = Bulk(self, room, large=plan.large, schools=plan.schools, editions=plan.editions)
        self.held_back = 0.0  # seconds in which as many were out as may be at once
        self.steady = Steady(plan.rate)
        self.unanswered: list[float] = []  # when was asked what had no answer, or was told that the service was away
        self._token = token
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._standing: list[asyncio.Task[None]] = []
        self._keys = random.Random(plan.seed + 1)
        self._unknown: list[tuple[Asked, Operation]] = []
        self._known: list[tuple[Asked, Operation]] = []
        self._asked = 0
        self.untold: deque[str] = deque(maxlen=50)  # stories of entries of which the school was not told

    async def begin(self) -> None:
        standing = (self._tick, self._turn_days, self.bulk.large_requests, self.bulk.files)
        self._standing = [asyncio.create_task(each()) for each in standing]

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    async def end(self) -> None:
        """Stop asking for new things, and wait for the answers that are out."""
        self._over.set()
        await asyncio.gather(*self._standing)
        while self._tasks:
            await asyncio.gather(*self._tasks)
        await self.ask_again()

    def unanswered_since(self, moment: float) -> int:
        """Of what was asked since then: who waits still for an earlier fault says nothing of this one."""
        return sum(asked_at >= moment for asked_at in self.unanswered)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while not self._over.is_set():
            next_at = max(next_at + 1 / self.rate, loop.time() - 1)
            if (left := next_at - loop.time()) > 0:
                await pace(left)
            if len(self._tasks) >= AT_ONCE:
                self.steady.cannot_ask()
                self.held_back += 1 / self.rate
                continue
            self._begin(self._steady())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _steady(self) -> None:
        request = self.steady.asks()
        try:
            if await self._one():
                request.answered = now()
        finally:
            request.under_way = False

    async def _one(self) -> bool:
        """One of the requests that come at the steady rate; whether it was answered."""
        say, throw = self.sayings, self.dice.random()
        if throw < 0.72:
            await self.ask(outcomes(say.outcomes(self.few), twice=throw < 0.04))
        elif throw < 0.77:
            tomorrow = say.outcome(say.today + timedelta(days=30))
            await self.ask(outcomes([tomorrow], kind="too early"))
        elif throw < 0.84:
            value, urn, body = say.la_category()
            entry = Asked("entry", value, "membership", f"/schools/{urn}/la-category", body)
            done = await self.ask(entry)
            if done and throw < 0.82:  # the others have not been told, and departments must not hear of it (I13)
                await self.ask(Asked("told", value, "membership", f"/schools/{urn}/told", {}))
            elif done:
                self.untold.append(entry.detail["story"])
        elif throw < 0.90:
            await self.ask_for_a_meeting()
        elif throw < 0.92:
            await self.ask_for_a_call()
        elif throw < 0.94:
            await self.ask_for_new_details()
        else:
            return await self._who_speaks(self.dice.choice(say.urns), self.dice.choice(("general", "inspection")))
        return True  # or it has given up, so long after that it counts as no answer

    async def ask_for_a_meeting(self) -> None:
        value, body = self.sayings.meeting()
        named = {"name": f"{body['body_id']} {body['on']}"}
        await self.ask(Asked("meeting", value, "meetings", "/meetings", body, detail=named))

    async def ask_for_a_call(self) -> Any:
        """The inspectors have called at a school. Nobody answers: time, or a report, carries it on."""
        value, urn = self.sayings.call()
        return await self.ask(Asked("call", value, "membership", f"/schools/{urn}/inspection-calls", {}))

    async def ask_for_the_report(self, urn: str, called_on: date) -> None:
        """On a day after that of the call, of an inspection that began no sooner."""
        while self.sayings.today <= called_on and not self.is_over:
            await self.rest(0.2)
        await self.ask(outcomes([self.sayings.outcome(urn=urn)]))

    async def ask_for_new_details(self) -> tuple[str, str]:
        """A head is written to at another address from now on; who she is, and the address."""
        value, person, body = self.sayings.new_details()
        named = {"person": person, "email": body["email"]}
        await self.ask(Asked("details", value, "membership", f"/people/{person}/contact-details", body, detail=named))
        return person, body["email"]

    async def ask(self, asked: Asked, gives_up: float = GIVES_UP) -> Any:
        """Until the answer is known; what it was, if it was yes."""
        key = str(UUID(int=self._keys.getrandbits(128), version=4))
        self.journal.keep(Begun(asked.kind, asked.value, key, now(), asked.detail))
        return await self._ask(asked, Operation(asked.kind, asked.value, key, now(), 0.0, UNKNOWN), gives_up)

    async def _ask(self, asked: Asked, so_far: Operation, seconds: float) -> Any:
        key, began, tries = so_far.key, now(), so_far.tries
        answers, status, outcome, given, why_not = list(so_far.answers), so_far.status, UNKNOWN, None, ""
        while outcome == UNKNOWN and now() - began < seconds:
            asked_at = now()
            tries += so_far.outcome != OK
            got = await asyncio.gather(*(self._post(asked, key) for _ in range(2 if asked.twice else 1)))
            for answer in got:
                if answer is None or answer.status >= 500:
                    self.unanswered.append(asked_at)
                    continue
                if outcome != FAILED:  # of two at once each must be given the same
                    status, outcome = answer.status, OK if answer.is_yes else FAILED
                if answer.is_yes:
                    given = answer.json()
                    answers.append(_brief(answer, given))
                    asked.learn(answer.headers.get("x-correlation-id", ""), given)
                else:
                    why_not = answer.body[:WORDS].decode(errors="replace")
            if outcome == UNKNOWN:
                await pace(0.5 + self._keys.random())
        ended = so_far.ended if so_far.outcome == OK else now()
        done = replace(
            so_far,
            ended=ended,
            outcome=outcome,
            tries=tries,
            status=status,
            answers=tuple(answers),
            detail=asked.detail,
            why_not=why_not,
        )
        self.journal.keep(done)
        if outcome == UNKNOWN:
            self._unknown.append((asked, done))
        elif outcome == OK and asked.kind in ASKED_AGAIN:
            self._remember(asked, done)
        return given

    def _remember(self, asked: Asked, done: Operation) -> None:
        """So many of all, each as likely as any other."""
        self._asked += 1
        place = len(self._known) if len(self._known) < REMEMBERED else self._keys.randrange(self._asked)
        self._known[place : place + 1] = [(asked, done)] if place < REMEMBERED else []

    async def ask_again(self) -> None:
        """When all has healed: what has no answer yet, and some of what has one, which must be given the same."""
        again, self._unknown = [*self._unknown, *self._known], []
        await asyncio.gather(*(self._ask(asked, so_far, LAST_WORD) for asked, so_far in again))

    async def _post(self, asked: Asked, key: str) -> Answer | None:
        return await self.request("POST", asked.service, asked.path, body=asked.body, key=key)

    async def request(self, method: str, service: str, path: str, **more: Any) -> Answer | None:
        """The answer of one of the service's replicas, or nothing if none came."""
        address = self._keys.choice(self.addresses(service))
        try:
            answer = await request(method, f"{address}/api/v1{path}", token=self._token, **more)
        except AWAY:
            return None
        # A service whose clock is an hour off takes a good token for old, or not yet good: that is no answer.
        return None if answer.status == 401 else answer

    async def _who_speaks(self, urn: str, matter: str) -> bool:
        """I12: whoever asks is told of one. Whether there was an answer."""
        answer = await self.request("GET", "membership", f"/schools/{urn}/speaker?matter={matter}")
        if answer is not None and answer.status < 500:
            found = {"urn": urn, "matter": matter, "status": answer.status}
            self.journal.keep(Seen("who-speaks", now(), found | {"role": answer.json().get("role")}))
        return answer is not None and answer.status < 500

    async def _turn_days(self) -> None:
        """A day after the other; on each, one body changes its chair, and what was put off for it comes."""
        while not self._over.is_set():
            await self.rest(self.day)
            if self._over.is_set():
                return
            await self.beside.may_begin()
            with self.beside.at_work():
                await self._turn_the_day()

    async def _turn_the_day(self) -> None:
        following = self.sayings.today + timedelta(days=1)
        day = {"today": following.isoformat()}
        for service in (*(each for each in SERVICES if each != "membership"), "membership"):
            await self.ask(Asked("day", f"{service} {following}", service, "/clock", day))
        self.sayings.today = following
        await self.ask(Asked("tick", f"{following}", "membership", "/tick", None))
        value, body_id, asked = self.sayings.change_of_chair()
        term = {"body": body_id, "person": asked["person_id"], "from": asked["from"]}
        await self.ask(
            Asked("chair", value, "membership", f"/bodies/{body_id}/change-of-office", asked, detail=term),
            gives_up=RESTED_UPON,
        )

    async def rest(self, seconds: float) -> None:
        """So long, or until the load is over."""
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return


def _brief(answer: Answer, given: Any) -> str:
    """What tells one answer from another: the same key must be given the same."""
    return f"{answer.headers.get('x-correlation-id', '')} {json.dumps(given, sort_keys=True)}"[:200]
