"""What tests need to run: one embedded PostgreSQL and Kafka a session, fresh databases and topics for each test."""

import itertools
import os
import shutil
import tempfile
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvloop
from xdist.scheduler import LoadScopeScheduling

from infra.local.access import Topic, make_topics, make_users
from infra.local.bare import BareStack
from infra.local.databases import make_database, make_roles
from infra.local.ports import SERVICES
from tests import left_over
from tests.superuser import Superuser

HERE = Path(__file__).parent
# Suites that share something costly stay in one worker, whatever the number of workers.
TOGETHER = {"journeys", "replay", "stack", "faults", "time", "who_may_know"}
NEEDS_STACK = {"stack", "database", "topic", "kafka_settings"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for one of these fixtures, directly or through another, carries the marker `stack`."""
    for item in items:
        if NEEDS_STACK & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.stack)


class Together(LoadScopeScheduling):
    """A worker takes a whole suite of those, or one test. (xdist's own groups are lost on a pytest of 9.2 or later.)"""

    def _split_scope(self, nodeid: str) -> str:
        suite = nodeid.split("/")[1]
        return suite if suite in TOGETHER else nodeid


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """As in the services."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.hookimpl(optionalhook=True)  # also without xdist (-p no:xdist)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[BareStack]:
    """Started when the first test asks for it, stopped at the end whatever happened."""
    left_over.clear()
    # A space, since a checkout may have one.
    folder = Path(tempfile.mkdtemp(prefix="consortia test ", dir=left_over.where_copies_are_cheap()))
    bare = BareStack(folder)
    try:
        bare.up()
        make_roles(bare.postgres, SERVICES)
        make_users(bare.kafka, SERVICES)
        yield bare
    finally:
        bare.down()
        if os.environ.get("CONSORTIA_KEEP_TEST_STACK"):
            (folder / left_over.KEPT).touch()
        else:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Database:
    """A fresh database of one service: the addresses for its two roles."""

    name: str
    owner_url: str
    app_url: str


@dataclass
class Databases:
    """Makes databases from one migrated template a service."""

    stack: BareStack
    superuser: Superuser
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    templates: dict[str, str] = field(default_factory=dict)

    def __call__(self, service: str) -> Database:
        name = f"{service}_{next(self.counter)}"
        make_database(self.superuser, service, name, template=self._template(service))
        return self._named(service, name)

    def copy(self, of: Database, service: str) -> Database:
        """Another with all that is in it. Nobody may be connected to the original."""
        name = f"{service}_{next(self.counter)}"
        make_database(self.superuser, service, name, template=of.name)
        return self._named(service, name)

    def drop(self, database: Database) -> None:
        self.superuser.run(f"drop database if exists {database.name} with (force);")

    def _named(self, service: str, name: str) -> Database:
        postgres = self.stack.postgres
        return Database(name, postgres.url(service, "owner", name), postgres.url(service, "app", name))

    def _template(self, service: str) -> str:
        if service not in self.templates:
            name = f"{service}_template"
            make_database(self.stack.postgres, service, name)
            _migrate(self._named(service, name).owner_url, service)
            self.templates[service] = name
        return self.templates[service]


def _migrate(owner_url: str, service: str) -> None:
    """In a thread of its own: the migrations run an event loop, and the test that asks may be inside another."""
    from shared.migrations import migrate

    with ThreadPoolExecutor(1) as pool:
        pool.submit(migrate, owner_url, service).result()


@pytest.fixture(scope="session")
def databases(stack: BareStack) -> Iterator[Databases]:
    superuser = Superuser(stack.postgres)
    yield Databases(stack, superuser)
    superuser.close()


@pytest.fixture
def database(databases: Databases) -> Iterator[Callable[[str], Database]]:
    """`database("meetings")` gives a fresh, migrated database, dropped after the test."""
    made: list[Database] = []

    def make(service: str) -> Database:
        made.append(databases(service))
        return made[-1]

    yield make
    for each in made:
        databases.drop(each)


@dataclass(frozen=True)
class KafkaUser:
    """How one user reaches the broker; `client` holds aiokafka's settings, `environment` a service's."""

    bootstrap: str
    username: str
    password: str

    @property
    def client(self) -> dict[str, str]:
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CONSORTIA_KAFKA_BOOTSTRAP": self.bootstrap,
            "CONSORTIA_KAFKA_USERNAME": self.username,
            "CONSORTIA_KAFKA_PASSWORD": self.password,
        }


@pytest.fixture(scope="session")
def kafka_settings(stack: BareStack) -> Callable[[str], KafkaUser]:
    """`kafka_settings("meetings")`: the service's own user, or `admin`, or a department made for the test."""
    known = {*SERVICES, "admin"}

    def settings(username: str) -> KafkaUser:
        if username not in known:
            make_users(stack.kafka, [username])
            known.add(username)
        return KafkaUser(stack.kafka.bootstrap, username, stack.secrets[f"kafka {username}"])

    return settings


@pytest.fixture
def topic(stack: BareStack) -> Iterator[Callable[..., str]]:
    """`topic("events")` makes a topic of a name of its own, which every service may write and read unless told."""
    made: list[str] = []

    def make(
        name: str,
        *,
        partitions: int = 3,
        producers: tuple[str, ...] = SERVICES,
        consumers: tuple[str, ...] = SERVICES,
        config: dict[str, str] | None = None,
        exactly: bool = False,
    ) -> str:
        full = name if exactly else f"{name}.{os.urandom(4).hex()}"
        make_topics(stack.kafka, [Topic(full, partitions, producers, consumers, config or {})])
        made.append(full)
        return full

    yield make
    if made:
        admin = stack.kafka.admin()
        for done in admin.delete_topics(made, operation_timeout=10).values():
            done.result()
