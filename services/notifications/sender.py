"""One attempt of one webhook: signed, to a vetted address, with nothing followed and everything bounded (D3.9)."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import httpx2
from standardwebhooks import Webhook

from services.notifications.domain.target import PrivateTarget, Target, UnusableAddress, target, vetted

LARGEST_ANSWER = 16_384  # bytes that we read of an answer; only its status counts

Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The status that the receiver gave, or why there is none."""

    at: datetime
    took_ms: int
    status: int | None
    problem: str | None


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the resolver's order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


class Sender:
    """Sends webhooks. No proxy, no cookie, no redirect, no connection kept: one vetted address an attempt."""

    def __init__(
        self, *, allowed: frozenset[str], timeout: float = 8.0, at_once: int = 32, resolver: Resolve = resolve
    ):
        self.allowed = allowed
        self.timeout = timeout
        self._resolve = resolver
        self._places = asyncio.Semaphore(at_once)
        self._client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(timeout),
            # A kept connection belongs to an address, and the next name at that address was not proved on it.
            limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(
        self, url: str, *, secret: str, webhook_id: str, body: str, first: Callable[[], None] = lambda: None
    ) -> Answer:
        """Never raises for what a receiver or the network does: that is an answer too.

        ``first``: asked when its turn has come, right before it goes out; what it raises is raised.
        """
        async with self._places:
            first()
            at, began = datetime.now(UTC), time.monotonic()
            status, problem = None, None
            try:
                async with asyncio.timeout(self.timeout):
                    status = await self._post(target(url, self.allowed), secret, webhook_id, body, at)
            except (PrivateTarget, UnusableAddress) as refusal:
                problem = str(refusal)
            except TimeoutError:
                problem = f"no answer within {self.timeout:g} seconds"
            except (httpx2.HTTPError, OSError, UnicodeError) as trouble:
                # The kind only: what a receiver makes us say must not end up in a log that others read.
                problem = type(trouble).__name__
            return Answer(at, round((time.monotonic() - began) * 1000), status, problem)

    async def _post(self, to: Target, secret: str, webhook_id: str, body: str, at: datetime) -> int:
        addresses = vetted(to, await self._resolve(to.host, to.port))
        headers = {
            "Host": to.host_header,
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "consortia-webhooks/1",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(webhook_id, at, body),
        }
        return await self._first_that_answers(to, addresses, headers, body.encode())

    async def _first_that_answers(
        self, to: Target, addresses: Sequence[str], headers: dict[str, str], content: bytes
    ) -> int:
        """Connect to the vetted addresses one after another, never to the name, which could mean another by now."""
        trouble: httpx2.ConnectError | httpx2.ConnectTimeout | None = None
        for address in addresses:
            url = httpx2.URL(scheme=to.scheme, host=address.split("%")[0], port=to.port, raw_path=to.path.encode())
            try:
                # The certificate is proved for the name, though we connect to the address.
                async with self._client.stream(
                    "POST", url, headers=headers, content=content, extensions={"sni_hostname": to.host}
                ) as response:
                    await _drain(response)
                    return response.status_code
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as refused:
                trouble = refused
        raise trouble or OSError("the name has no address")


async def _drain(response: httpx2.Response) -> None:
    """Read a little of the answer, so that a receiver isn't cut off while it says thank you, and no more."""
    taken = 0
    async for piece in response.aiter_raw():
        taken += len(piece)
        if taken >= LARGEST_ANSWER:
            return
