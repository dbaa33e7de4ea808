"""One service process: web, consumer, relay and workers, together or apart.

``python -m services.membership --roles web,consumer,relay`` runs it; ``migrate`` brings its database to head as the
owner; ``rebuild`` replays its projections. Everything else comes from the environment (`shared.settings`).
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import DBAPIError

from shared.auth.tokens import Verifier
from shared.failures import is_away
from shared.logs import configure_logging
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound
from shared.messaging.lease import Lease
from shared.messaging.parking import oldest_gap
from shared.messaging.rebuild import Rebuild, report
from shared.messaging.relay import Relay
from shared.migrations import heads, migrate
from shared.settings import ServiceSettings
from shared.store import Store
from shared.telemetry import configure_tracing, shut_down_tracing
from shared.web import idempotency
from shared.web.application import application
from shared.web.health import Check

log = structlog.get_logger(__name__)

HOUSEKEEPING_SECONDS = 30.0
GAP_ALARM_SECONDS = 60.0

ROLES = ("web", "consumer", "relay")


@dataclass(frozen=True)
class ServiceContext:
    """What a worker of a service is given."""

    store: Store
    settings: ServiceSettings
    stopping: asyncio.Event

    def lease(self, name: str) -> Lease:
        return Lease(self.store, name, seconds=self.settings.lease_seconds, replica=self.settings.replica)


Worker = Callable[[ServiceContext], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """What one service is made of. Workers are loops that end when ``context.stopping`` is set; they run with web."""

    name: str
    routers: Sequence[APIRouter] = ()
    inbound: Inbound = field(default_factory=Inbound)
    workers: Sequence[Worker] = ()


class Process:
    """One process of a service, in one or more roles."""

    def __init__(self, service: Service, settings: ServiceSettings, roles: Sequence[str]):
        self.service = service
        self.settings = settings
        self.roles = roles
        self.stopping = asyncio.Event()
        self.store = Store(
            settings.database_url,
            service=service.name,
            pool_size=settings.pool_size,
            patience=settings.patience_seconds,
        )
        self.consumer: Consumer | None = None
        if "consumer" in roles and service.inbound.topics():
            self.consumer = Consumer(self.store, settings, service.inbound, service.name)
        self.app = self._app()

    def _app(self) -> FastAPI:
        assert self.settings.token_key is not None, "CONSORTIA_TOKEN_KEY names the file of the public key"
        checks: dict[str, Check] = {"database": self._database_ready, "migrations": self._migrated}
        if self.consumer is not None:
            checks["consumer"] = self._consumer_ready
        return application(
            self.service.name,
            list(self.service.routers) if "web" in self.roles else [],
            store=self.store,
            verifier=Verifier(self.settings.token_key),
            checks=checks,
            lifespan=self._lifespan,
            inbound=self.service.inbound,
            test_clock=self.settings.test_clock,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Everything that runs beside the web server begins and ends with it."""
        context = ServiceContext(self.store, self.settings, self.stopping)
        tasks: list[asyncio.Task[None]] = []
        if "relay" in self.roles:
            relay = Relay(self.store, self.settings, stopping=self.stopping)
            tasks.append(asyncio.create_task(relay.run(), name="relay"))
        if "web" in self.roles:
            workers = [*self.service.workers, _keep_house]
            tasks += [asyncio.ensure_future(_forever(worker, context)) for worker in workers]
        starting = asyncio.create_task(self._start_consumer(), name="consumer")
        for task in tasks:
            task.add_done_callback(self._died)
        try:
            yield
        finally:
            self.stopping.set()
            self.store.committed.set()
            starting.cancel()
            if self.consumer is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(12):
                        await self.consumer.stop()
            late = (await asyncio.wait(tasks, timeout=8))[1] if tasks else set()
            for task in late:
                task.cancel()
            await asyncio.gather(*late, starting, return_exceptions=True)
            await self.store.close()
            shut_down_tracing()

    async def _start_consumer(self) -> None:
        """A broker that is not there yet is waited for: the web pages work meanwhile."""
        while self.consumer is not None:
            try:
                await self.consumer.start()
                return
            except Exception as problem:
                log.warning("consumer.waits", problem=f"{type(problem).__name__}: {problem}"[:200])
                with contextlib.suppress(Exception):
                    await self.consumer.stop()
                await asyncio.sleep(1.0)

    def _died(self, task: asyncio.Task[None]) -> None:
        """A loop that ends by itself takes the process with it; the supervisor starts it again."""
        if not self.stopping.is_set() and not task.cancelled():
            log.critical("process.loop_ended", loop=task.get_name(), exc_info=task.exception())
            signal.raise_signal(signal.SIGTERM)

    async def _database_ready(self) -> str | None:
        async with self.store.engine.connect() as connection:
            await connection.exec_driver_sql("select 1")
        return None

    async def _migrated(self) -> str | None:
        async with self.store.engine.connect() as connection:
            for schema, head in heads(self.service.name).items():
                version = (
                    await connection.exec_driver_sql(f"select version_num from {schema}.alembic_version")
                ).scalar()
                if version != head:
                    return f"schema {schema} is at {version}, the code needs {head}: run migrate"
        return None

    async def _consumer_ready(self) -> str | None:
        if self.consumer is None or not self.consumer.connected:
            return "the consumer has no partitions yet, or waits for its database"
        return None

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        configure_logging(self.service.name)
        configure_tracing(
            self.service.name, exporter=self.settings.traces_exporter, import_ratio=self.settings.import_sampling
        )
        config = uvicorn.Config(
            self.app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            lifespan="on",
        )
        uvicorn.Server(config).run()


async def _keep_house(context: ServiceContext) -> None:
    """Forget idempotency keys that have had their seven days, and call out a gap that stands (D3.6).

    Replicas may do it at the same time; it harms nobody.
    """
    while not context.stopping.is_set():
        await context.store.run(idempotency.forget_old)
        await call_out_gaps(context.store)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), HOUSEKEEPING_SECONDS)


async def call_out_gaps(store: Store) -> float:
    """Log an error for a gap older than a minute, which /metrics shows too; how old the oldest is, in seconds."""
    age = await store.run(oldest_gap)
    if age > GAP_ALARM_SECONDS:
        log.error("inbox.gap_stands", seconds=round(age), cure="look for the missing number in the producer's outbox")
    return age


async def _forever(worker: Worker, context: ServiceContext) -> None:
    """A worker that trips over infrastructure begins again after a second."""
    while not context.stopping.is_set():
        try:
            await worker(context)
        except Exception as problem:
            if not isinstance(problem, DBAPIError) and not is_away(problem):
                raise
            log.warning("worker.waits", worker=worker.__name__, problem=type(problem).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), 1.0)


def main(build: Callable[[], Service], arguments: Sequence[str] | None = None) -> None:
    """The command line of a service."""
    gc.enable()  # whoever starts a process may have done without while everything was imported
    service = build()
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}", description=f"The {service.name} service"
    )
    parser.add_argument("act", nargs="?", choices=("serve", "migrate", "rebuild"), default="serve")
    parser.add_argument("--roles", default=",".join(ROLES), help="any of web, consumer, relay, with commas")
    parser.add_argument("--compare-only", action="store_true", help="rebuild: tell the differences, change nothing")
    chosen = parser.parse_args(arguments)
    settings = ServiceSettings()
    if chosen.act == "migrate":
        migrate(settings.owner_database_url or settings.database_url, service.name)
        return
    if chosen.act == "rebuild":
        rebuilt = asyncio.run(Rebuild(settings, service.inbound, service.name).run(swap=not chosen.compare_only))
        sys.stdout.write(report(rebuilt) + "\n")
        return
    roles = tuple(role.strip() for role in chosen.roles.split(",") if role.strip())
    if unknown := set(roles) - set(ROLES):
        parser.error(f"no such role: {', '.join(sorted(unknown))}; choose from {', '.join(ROLES)}")
    uvloop.install()
    _collect_seldom()
    _run(service, settings, roles)


def _collect_seldom() -> None:
    """What was imported lives as long as the process: looked through for garbage with each batch, it costs a tenth of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _run(service: Service, settings: ServiceSettings, roles: Sequence[str]) -> None:
    Process(service, settings, roles).run()
