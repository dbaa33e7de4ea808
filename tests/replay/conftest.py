"""Membership alone, in this process, on a real PostgreSQL, after it has lived through the real past."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from infra.demo.client import Caller, Consortia, Refused
from infra.demo.outcomes import published
from infra.demo.registers import BRISTOL, OFSTED, WARWICKSHIRE
from infra.demo.replay import LAST_DAY, Replay
from shared.auth.tokens import mint, new_key
from shared.service import Process
from shared.settings import ServiceSettings
from shared.store import Store
from tests.conftest import Databases

if TYPE_CHECKING:
    from tests.replay.lived import Lived

LISTED = date(2025, 8, 31)  # the day of Ofsted's file
ROLES = ("demo", "la.officer", "la.ops", "la.school-improvement")


@dataclass
class Membership:
    """The service by its API, and its database to read."""

    consortia: Consortia
    store: Store

    @property
    def caller(self) -> Caller:
        return self.consortia["membership"]

    async def category(self, urn: str, on: str | None = None) -> int | None:
        """The category in force on a day; none for a school that the register does not have."""
        try:
            answer = await self.caller.get(f"/schools/{urn}/category", on=on)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None
        found: int | None = answer["category"]
        return found


@contextlib.asynccontextmanager
async def started(databases: Databases, folder: Path) -> AsyncIterator[Membership]:
    """A membership service with a fresh database and its own key, driven without a network."""
    from services.membership.app import build

    database = databases("membership")
    new_key(folder / "private.jwk", folder / "public.jwk")
    settings = ServiceSettings(database_url=database.app_url, token_key=folder / "public.jwk", test_clock=True)
    process = Process(build(), settings, ("web",))
    token = mint(folder / "private.jwk", subject="replay", roles=ROLES, authorities=[WARWICKSHIRE, BRISTOL])
    http = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(process.app),
        base_url="http://membership",
        headers={"Authorization": f"Bearer {token}"},
        timeout=httpx2.Timeout(300),
    )
    async with process.app.router.lifespan_context(process.app), http:
        yield Membership(Consortia({"membership": Caller("membership", http)}), process.store)


@pytest.fixture(scope="session")
async def replayed(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Membership]:
    """The demo's own past: take-on up to 1 September 2023, then every day of publication in turn."""
    async with started(databases, tmp_path_factory.mktemp("membership")) as membership:
        replay = Replay(membership.consortia)
        await replay.begin()
        await replay.live_through(LAST_DAY)
        yield membership


@pytest.fixture(scope="session")
async def lived(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Lived"]:
    """Everything live since the first publication in 2006: no take-on of outcomes, every one news on its day."""
    from tests.replay.lived import Lived

    async with started(databases, tmp_path_factory.mktemp("lived")) as membership:
        lived = Lived(membership)
        await lived.begin()
        for on, outcomes in published():
            await lived.live(on, outcomes)
        await lived.hear()
        yield lived


@pytest.fixture(scope="session")
async def learned_late(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Lived"]:
    """The same years with no outcome at all, and then Ofsted's file with all of them."""
    from tests.replay.lived import Lived

    async with started(databases, tmp_path_factory.mktemp("late")) as membership:
        late = Lived(membership)
        await late.begin()
        await membership.consortia.set_clock(LAST_DAY)
        await late.imported("ofsted", OFSTED.read_bytes(), LISTED)
        await late.hear()
        yield late
