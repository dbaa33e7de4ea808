"""The load: officers who ask for unique things through the real routes, and ask again where no answer came.

Open loop: requests begin at their rate, however long answers take, up to so many at once. An answer that does not come,
or says that the service is away, is unknown and asked for again under the same Idempotency-Key until it is known.
"""

import asyncio
import bisect
import json
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from infra.local.ports import SERVICES
from tests.faults.asking import AWAY, Answer, request
from tests.faults.history import FAILED, OK, UNKNOWN, Journal, Operation, Seen, now
from tests.faults.made_up import Sayings, made_urns, register_file
from tests.pace import pace

AT_ONCE = 24
GIVES_UP = 120.0  # seconds after which an operation stays unknown
EVERY_DAY = 8.0  # seconds; so long a day of the test clock lasts


@dataclass
class Asked:
    """One request as it is sent, as often as it takes."""

    kind: str
    value: str
    service: str
    path: str
    body: Any
    twice: bool = False  # at once under one key: a person who clicks twice
    detail: dict[str, Any] = field(default_factory=dict)


class Load:
    """All officers of one run."""

    def __init__(
        self,
        journal: Journal,
        addresses: Callable[[str], list[str]],
        token: str,
        *,
        seed: int,
        rate: float,
        bulk: int,
        schools: int,
    ):
        self.journal = journal
        self.addresses = addresses
        self.dice = random.Random(seed)
        self.sayings = Sayings(self.dice)
        self.rate = rate
        self.bulk = bulk
        self.schools = schools
        self.share = 1.0
        self.concluded: list[float] = []  # when the requests that come at the steady rate were answered for good
        self.unanswered = 0  # answers that did not come, or said that the service was away
        self._token = token
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._standing: list[asyncio.Task[None]] = []
        self._held_back = 0
        self._files = 0
        self._keys = random.Random(seed + 1)

    async def begin(self) -> None:
        self._standing = [asyncio.create_task(each()) for each in (self._tick, self._import_files, self._turn_days)]

    async def end(self) -> None:
        """Stop asking for new things, and wait for the answers that are out."""
        self._over.set()
        await asyncio.gather(*self._standing)
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def answered(self, since: float, until: float) -> float:
        """Requests a second that were answered for good between two moments."""
        count = bisect.bisect_right(self.concluded, until) - bisect.bisect_left(self.concluded, since)
        return count / (until - since) if until > since else 0.0

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while not self._over.is_set():
            next_at = max(next_at + 1 / max(self.rate * self.share, 0.1), loop.time() - 1)
            if (left := next_at - loop.time()) > 0:
                await pace(left)
            if len(self._tasks) >= AT_ONCE:
                self._held_back += 1
                await pace(0.05)
                continue
            self._begin(self._steady())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _steady(self) -> None:
        await self._one()
        self.concluded.append(now())

    async def _one(self) -> None:
        say, throw = self.sayings, self.dice.random()
        if throw < 0.72:
            many = say.outcomes(self.bulk)
            numbers = [each["inspection_number"] for each in many]
            await self.ask(self._outcomes(many, numbers[0], detail={"numbers": numbers}, twice=throw < 0.04))
        elif throw < 0.77:
            tomorrow = say.outcome(say.today + timedelta(days=30))
            await self.ask(self._outcomes([tomorrow], tomorrow["inspection_number"], kind="too early"))
        elif throw < 0.84:
            value, urn, body = say.la_category()
            done = await self.ask(Asked("entry", value, "membership", f"/schools/{urn}/la-category", body))
            if done and throw < 0.82:  # the others have not been told, and departments must not hear of it (I13)
                await self.ask(Asked("told", value, "membership", f"/schools/{urn}/told", {}))
        elif throw < 0.90:
            value, body = say.meeting()
            await self.ask(
                Asked(
                    "meeting", value, "meetings", "/meetings", body, detail={"name": f"{body['body_id']} {body['on']}"}
                )
            )
        else:
            await self._who_speaks(self.dice.choice(say.urns), self.dice.choice(("general", "inspection")))

    def _outcomes(self, many: list[Any], value: str, kind: str = "outcomes", **more: Any) -> Asked:
        return Asked(kind, value, "membership", "/outcomes", {"outcomes": many, "take_on": False}, **more)

    async def ask(self, asked: Asked) -> Any:
        """Until the answer is known; what it was, if it was yes."""
        key = str(UUID(int=self._keys.getrandbits(128), version=4))
        began, tries, answers, status = now(), 0, [], 0
        outcome, given = UNKNOWN, None
        while outcome == UNKNOWN and now() - began < GIVES_UP:
            tries += 1
            got = await asyncio.gather(*(self._post(asked, key) for _ in range(2 if asked.twice else 1)))
            for answer in got:
                if answer is None or answer.status >= 500:
                    self.unanswered += 1
                    continue
                status = answer.status
                outcome = OK if answer.is_yes else FAILED
                if answer.is_yes:
                    given = answer.json()
                    answers.append(_brief(answer, given))
            if outcome == UNKNOWN:
                await pace(0.5 + self._keys.random())
        self.journal.keep(
            Operation(asked.kind, asked.value, key, began, now(), outcome, tries, status, tuple(answers), asked.detail)
        )
        return given

    async def _post(self, asked: Asked, key: str) -> Answer | None:
        return await self._request("POST", asked.service, asked.path, body=asked.body, key=key)

    async def _request(self, method: str, service: str, path: str, **more: Any) -> Answer | None:
        """The answer of one of the service's replicas, or nothing if none came."""
        address = self._keys.choice(self.addresses(service))
        try:
            return await request(method, f"{address}/api/v1{path}", token=self._token, **more)
        except AWAY:
            return None

    async def _who_speaks(self, urn: str, matter: str) -> None:
        """I12: whoever asks is told of one."""
        answer = await self._request("GET", "membership", f"/schools/{urn}/speaker?matter={matter}")
        if answer is not None and answer.status < 500:
            found = {"urn": urn, "matter": matter, "status": answer.status}
            self.journal.keep(Seen("who-speaks", now(), found | {"role": answer.json().get("role")}))

    async def _import_files(self) -> None:
        """One register of made schools after the other, while there is load."""
        while not self._over.is_set():
            self._files += 1
            number = self._files
            path = f"/imports/gias?name=made-{number}.csv&as_at={self.sayings.today.isoformat()}"
            file = register_file(number, self.schools)
            if taken := await self.ask(Asked("import", f"file {number}", "membership", path, file)):
                await self._applied(taken["import_id"])
                self.sayings.made = made_urns(self.schools)
            await self._rest(1.0)

    async def _applied(self, import_id: str) -> None:
        """Until the file is done with."""
        while not self._over.is_set():
            answer = await self._request("GET", "membership", f"/imports/{import_id}")
            if answer is not None and answer.is_yes and answer.json()["state"] != "applying":
                return
            await pace(0.3)

    async def _turn_days(self) -> None:
        """A day after the other; on each, one body changes its chair, and what was put off for it comes."""
        while not self._over.is_set():
            await self._rest(EVERY_DAY)
            if self._over.is_set():
                return
            following = self.sayings.today + timedelta(days=1)
            day = {"today": following.isoformat()}
            for service in (*(each for each in SERVICES if each != "membership"), "membership"):
                await self.ask(Asked("day", f"{service} {following}", service, "/clock", day))
            self.sayings.today = following
            await self.ask(Asked("tick", f"{following}", "membership", "/tick", None))
            value, body_id, asked = self.sayings.change_of_chair()
            await self.ask(Asked("chair", value, "membership", f"/bodies/{body_id}/change-of-office", asked))

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return


def _brief(answer: Answer, given: Any) -> str:
    """What tells one answer from another: the same key must be given the same."""
    return f"{answer.headers.get('x-correlation-id', '')} {json.dumps(given, sort_keys=True)}"[:200]
