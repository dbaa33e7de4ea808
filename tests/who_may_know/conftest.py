"""Worlds alike: one is made, and each test gets copies of its databases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.notifications.settings import settings
from shared.auth.tokens import Verifier, new_key
from shared.store import Store
from tests.conftest import Database, Databases
from tests.who_may_know.world import AT_ONCE, World, begin

SERVICES = ("membership", "meetings", "funding", "notifications")


@dataclass
class Original:
    """The world from which the others are copied, stopped as it stands."""

    databases: dict[str, Database]
    world: World


def _stores(databases: dict[str, Database]) -> dict[str, Store]:
    return {name: Store(database.app_url, service=name, pool_size=AT_ONCE) for name, database in databases.items()}


@pytest.fixture(scope="module", autouse=True)
def _mail_server() -> Iterator[None]:
    """Messages can be sent: else each would fail from the start, and none would wait for a day or a week."""
    told = {"SMTP_HOST": "mail.example", "TEXT_MAIL_DOMAIN": "texts.example", "MESSAGE_SETTLE_SECONDS": "0"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(f"CONSORTIA_{name}", value)
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def original(_mail_server: None, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    folder: Path = tmp_path_factory.mktemp("keys")
    private, public = folder / "private.jwk", folder / "public.jwk"
    new_key(private, public)
    made = {name: databases(name) for name in SERVICES}

    async def prepare() -> World:
        world = World(_stores(made), private, Verifier(public))
        await begin(world)
        await world.close()  # nobody may be connected to a database that is copied
        return world

    yield Original(made, asyncio.run(prepare()))
    for each in made.values():
        databases.drop(each)


@pytest.fixture
async def worlds(original: Original, databases: Databases) -> AsyncIterator[Callable[[], Awaitable[World]]]:
    """`await worlds()` makes another one."""
    copies: list[dict[str, Database]] = []
    made: list[World] = []

    async def make() -> World:
        copy = {name: databases.copy(of, name) for name, of in original.databases.items()}
        copies.append(copy)
        first = original.world
        made.append(
            World(_stores(copy), first.private_key, first.verifier, dict(first.read_up_to), list(first.meetings))
        )
        return made[-1]

    yield make
    for world in made:
        await world.close()
    for copy in copies:
        for each in copy.values():
            databases.drop(each)
