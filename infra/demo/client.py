"""Calls the services as any client does: over HTTP, with a token, and with an Idempotency-Key on every POST."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import httpx2

from shared.contracts.topics import all_topics

PATIENCE = 120.0  # seconds to wait for the services to have caught up


class Refused(Exception):
    """A service said no, and why."""

    def __init__(self, request: str, status: int, why: str):
        super().__init__(f"{request} was refused ({status}): {why}")
        self.status = status
        self.why = why


class StillBusy(Exception):
    def __init__(self, seconds: float, what: str):
        super().__init__(f"after {seconds:.0f} seconds the services have not caught up: {what}")


@dataclass(frozen=True)
class Answer:
    body: Any
    correlation_id: str


@dataclass
class Caller:
    """One service, called by one client."""

    service: str
    http: httpx2.AsyncClient

    async def get(self, path: str, **query: Any) -> Any:
        asked = {name: value for name, value in query.items() if value is not None}
        response = await self.http.get(f"/api/v1{path}", params=asked)
        return _checked(response).json()

    async def post(self, path: str, body: Any = None, *, content: bytes | None = None, **query: Any) -> Answer:
        headers = {"Idempotency-Key": str(uuid4())}
        if content is not None:
            headers["Content-Type"] = "text/csv"
            response = await self.http.post(f"/api/v1{path}", content=content, params=query, headers=headers)
        else:
            response = await self.http.post(f"/api/v1{path}", json=body, params=query, headers=headers)
        return Answer(_checked(response).json(), response.headers.get("X-Correlation-ID", ""))


def _checked(response: httpx2.Response) -> httpx2.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
        why = str(problem.get("detail") or problem.get("errors") or problem)
    except ValueError:
        why = response.text[:300]
    raise Refused(f"{response.request.method} {response.request.url.path}", response.status_code, why)


@dataclass
class Consortia:
    """Those of the four services that are running."""

    callers: dict[str, Caller]
    today: date | None = None

    @classmethod
    def at(cls, addresses: Mapping[str, str], token: str) -> "Consortia":
        headers = {"Authorization": f"Bearer {token}"}
        timeout = httpx2.Timeout(120.0)
        # Shorter than a server keeps an idle connection, or a POST may go out on one that is being closed.
        limits = httpx2.Limits(keepalive_expiry=2.0)
        return cls(
            {
                service: Caller(
                    service, httpx2.AsyncClient(base_url=address, headers=headers, timeout=timeout, limits=limits)
                )
                for service, address in addresses.items()
            }
        )

    def __getitem__(self, service: str) -> Caller:
        return self.callers[service]

    def __contains__(self, service: str) -> bool:
        return service in self.callers

    async def close(self) -> None:
        for caller in self.callers.values():
            await caller.http.aclose()

    async def set_clock(self, today: date) -> None:
        """The same day for all; membership last, so that nobody hears from a day that is not his own yet."""
        others = [caller for service, caller in self.callers.items() if service != "membership"]
        await asyncio.gather(*(caller.post("/clock", {"today": today.isoformat()}) for caller in others))
        await self["membership"].post("/clock", {"today": today.isoformat()})
        # What the day itself brings (schools that open, terms that end) is done at once, not at the service's next look.
        await self["membership"].post("/tick")
        self.today = today

    async def drain(self, seconds: float = PATIENCE) -> None:
        """Wait until every service has applied all that the others recorded; one alone waits for nobody."""
        if len(self.callers) == 1:
            return
        end = time.monotonic() + seconds
        pause = 0.03  # asking costs the services work too, so not at once and not in a hurry
        await asyncio.sleep(pause)
        while behind := await self._behind():
            if time.monotonic() > end:
                raise StillBusy(seconds, "; ".join(behind))
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.2)

    async def _behind(self) -> list[str]:
        """Who still has what to send or to read."""
        progress = dict(
            zip(
                self.callers,
                await asyncio.gather(*(caller.get("/progress") for caller in self.callers.values())),
                strict=True,
            )
        )
        found = []
        if "notifications" in self.callers:
            post = await self["notifications"].get("/messages/progress")
            found += [f"notifications has {number} {thing} to tell" for thing, number in post.items() if number]
        found += [f"{service} has {seen['outbox']} to send" for service, seen in progress.items() if seen["outbox"]]
        for topic in all_topics():
            if topic.department is not None or topic.owner not in progress:
                continue
            recorded = progress[topic.owner]["recorded"].get(topic.name, 0)
            for reader in set(topic.consumers) & set(progress):
                applied = progress[reader]["applied"].get(topic.name)
                if applied is None and (topic.compacted or reader == topic.owner):
                    continue  # allowed to read it, but does not
                if (applied or 0) < recorded:
                    found.append(f"{reader} has applied {applied or 0} of {recorded} of {topic.name}")
        return found
