"""Two sides of the path: a writer and a reader, each with a fresh database that has the shared tables and its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncpg
import pytest
from alembic import command

from infra.local.bare import BareStack
from infra.local.databases import make_database
from shared.messaging.relay import Relay
from shared.migrations import histories
from shared.settings import ServiceSettings
from shared.store import Store
from tests.messaging.sample import READER, READER_TABLES, WRITER, WRITER_TABLES

TABLES = {WRITER: WRITER_TABLES, READER: READER_TABLES}
_numbers = itertools.count(1)


@dataclass
class Side:
    """One side: its settings (application's role), its store, and its name for a consumer group of its own."""

    service: str
    settings: ServiceSettings
    store: Store
    group: str

    def relay(
        self, *, store: Store | None = None, leave: Callable[[], None] | None = None, **settings: object
    ) -> Relay:
        """A relay that ends the test, not the test run, when it would leave."""
        chosen = self.settings.model_copy(update=settings)
        return Relay(store or self.store, chosen, stopping=asyncio.Event(), leave=leave or _refuse_to_leave)

    async def drain(self) -> None:
        """Relay until nothing is left."""
        relay = self.relay()
        try:
            while await relay.lease.take() and await relay.pass_once():
                pass
        finally:
            await relay._drop_producer()
            await relay.lease.let_go()


def _refuse_to_leave() -> None:
    raise AssertionError("the process would have ended here")


@pytest.fixture(scope="session")
def shared_tables(stack: BareStack) -> Callable[[str], str]:
    """Makes a database of a service with the shared tables alone, copied from a template; gives its name."""
    made: set[str] = set()

    def make(service: str) -> str:
        template = f"{service}_bare"
        if template not in made:
            make_database(stack.postgres, service, template)
            owner = stack.postgres.url(service, "owner", template)
            with ThreadPoolExecutor(1) as pool:  # the migrations run an event loop of their own
                pool.submit(command.upgrade, histories(owner, service)[0][1], "head").result()
            made.add(template)
        name = f"{service}_path_{next(_numbers)}"
        make_database(stack.postgres, service, name, template=template)
        return name

    return make


@pytest.fixture
async def side(
    stack: BareStack, shared_tables: Callable[[str], str], kafka_settings: Callable[[str], object]
) -> AsyncIterator[Callable[[str], "object"]]:
    made: list[tuple[Side, str]] = []

    async def make(service: str) -> Side:
        name = shared_tables(service)
        owner = stack.postgres.url(service, "owner", name)
        connection = await asyncpg.connect(owner.replace("+asyncpg", ""))
        await connection.execute(TABLES[service])
        await connection.close()
        user = kafka_settings(service)
        settings = ServiceSettings(
            database_url=stack.postgres.url(service, "app", name),
            owner_database_url=owner,
            kafka_bootstrap=user.bootstrap,
            kafka_username=user.username,
            kafka_password=user.password,
        )
        made.append((Side(service, settings, Store(settings.database_url, service=service), f"{service}.{name}"), name))
        return made[-1][0]

    yield make
    for each, name in made:
        await each.store.close()
        stack.postgres.run(f"drop database if exists {name} with (force)")


@pytest.fixture
async def writer(side: Callable[[str], object]) -> Side:
    return await side(WRITER)


@pytest.fixture
async def reader(side: Callable[[str], object]) -> Side:
    return await side(READER)


@pytest.fixture
def own_topic(topic: Callable[..., str]) -> str:
    return topic("path", partitions=3)
