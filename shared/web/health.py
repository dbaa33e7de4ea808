"""Is it alive, may it have work, which version is it, what does it count. The only routes without sign-in."""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Mapping

from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from shared import metrics
from shared.messaging.parking import oldest_gap
from shared.store import Store, UnitOfWork
from shared.version import version
from shared.web.routes import Routes, anonymous_health

CHECK_SECONDS = 2.0

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, else a sentence that says what isn't. Raising also means that it isn't."""


def health_routes(service: str, store: Store, checks: Mapping[str, Check]) -> Routes:
    routes = Routes(tags=["health"])

    @routes.get("/livez", policy=anonymous_health)
    async def livez() -> dict[str, str]:
        """The process answers. Asks nothing else, so that a database that is away restarts nobody."""
        return {"status": "alive"}

    @routes.get("/readyz", policy=anonymous_health)
    async def readyz() -> Response:
        """Whether it should be given work, check by check."""
        names = list(checks)
        found = dict(zip(names, await asyncio.gather(*(_checked(checks[name]) for name in names)), strict=True))
        ready = all(each == "ok" for each in found.values())
        body = {"status": "ready" if ready else "not ready", "checks": found}
        return JSONResponse(body, status_code=200 if ready else 503)

    @routes.get("/version", policy=anonymous_health)
    async def version_of_service() -> dict[str, str]:
        return {"service": service, "version": version(), "python": platform.python_version()}

    @routes.get("/metrics", policy=anonymous_health)
    async def counted() -> Response:
        """What the service counts, for Prometheus."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await store.run(lambda uow: _measure(service, uow))
        except (SQLAlchemyError, OSError, TimeoutError):
            pass  # the other numbers are wanted most when the database is away
        content, media_type = metrics.exposition()
        return Response(content, media_type=media_type)

    return routes


async def _checked(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check() or "ok"
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:.0f} seconds"
    except Exception as error:
        return f"failed ({type(error).__name__})"


async def _measure(service: str, uow: UnitOfWork) -> None:
    waiting = await uow.row(
        "select count(*) as depth, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float as age "
        "from outbox"
    )
    if waiting is not None:
        metrics.OUTBOX_DEPTH.labels(service).set(waiting.depth)
        metrics.OUTBOX_AGE.labels(service).set(waiting.age)
    metrics.GAP_AGE.labels(service).set(await oldest_gap(uow))
    parked = {row.status: row.n for row in await uow.rows("select status, count(*) as n from parked group by status")}
    for status in ("parked", "waiting", "gap", "aside"):
        metrics.PARKED.labels(service, status).set(parked.get(status, 0))
