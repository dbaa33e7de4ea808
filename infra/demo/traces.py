"""The trace of a story as the dashboard has it, and whether its chain nests across the services."""

import asyncio
import contextlib
from typing import Any

import httpx2

Span = dict[str, Any]

# Who recorded the fact is above whoever acted on it.
CHAIN = ("membership", "meetings", "notifications")


def service_of(span: Span) -> str:
    return str(span["localEndpoint"]["serviceName"]).removeprefix("consortia-")


def nests(spans: list[Span], chain: tuple[str, ...] = CHAIN) -> bool:
    """Whether some span of the last service has the others above it, each under the one before."""
    by_id = {span["id"]: span for span in spans}
    for span in spans:
        if service_of(span) != chain[-1]:
            continue
        above, wanted = span, list(chain[:-1])
        seen = {span["id"]}
        while wanted and (parent := by_id.get(above.get("parentId", ""))) and parent["id"] not in seen:
            seen.add(parent["id"])
            if service_of(parent) == wanted[-1]:
                wanted.pop()
            above = parent
        if not wanted:
            return True
    return False


async def spans_of(trace_url: str | None, patience: float) -> list[Span]:
    """The spans behind the address of a trace, once the whole chain has come to the dashboard; else what came."""
    if not trace_url:
        return []
    spans: list[Span] = []
    address = trace_url.replace("/zipkin/traces/", "/zipkin/api/v2/trace/")
    async with httpx2.AsyncClient() as client:
        with contextlib.suppress(TimeoutError, httpx2.HTTPError):
            async with asyncio.timeout(patience):
                while not nests(spans):
                    answer = await client.get(address)
                    spans = answer.json() if answer.is_success else []
                    await asyncio.sleep(0.2)
    return spans
