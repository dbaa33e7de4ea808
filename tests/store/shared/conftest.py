"""A service's application on a real database, and a client that speaks to it."""

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from fastapi import FastAPI

from shared.store import Store
from tests.conftest import Database
from tests.unit.shared.conftest import Tokens, tokens

__all__ = ["Tokens", "tokens"]


@pytest.fixture
async def store(database: Callable[[str], Database]) -> AsyncIterator[Store]:
    store = Store(database("meetings").app_url, service="meetings", pool_size=12)
    yield store
    await store.close()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://meetings") as client:
        yield client
