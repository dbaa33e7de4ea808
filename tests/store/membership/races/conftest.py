"""A crowd of small authorities for races, in a database of its own."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from shared.store import Store
from tests.store.membership.races.crowd import CELLS, SEED, Cell, Crowd


@pytest.fixture
async def crowd(database: Callable[[str], Any]) -> AsyncIterator[Callable[..., Awaitable[Crowd]]]:
    """`await crowd()` makes it."""
    stores = []

    async def make(*, maintained: bool = True, joined: bool = True) -> Crowd:
        store = Store(database("membership").app_url, service="membership", pool_size=16)
        store.relay_is_here = True  # nobody waits to be notified of what the races leave in the outbox
        stores.append(store)
        crowd = Crowd(store, [Cell(number, maintained) for number in range(CELLS)], random.Random(SEED))
        await crowd.begin(joined=joined)
        return crowd

    yield make
    for store in stores:
        await store.close()
