"""What a connection asks of the server before its first statement is done."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from shared import driver
from shared.store import Store
from tests.conftest import Databases


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The types of which a server is asked what they are, by number; nothing is known of any before."""
    asked: list[tuple[int, ...]] = []
    really = asyncpg.Connection._introspect_types

    async def ask(self: Any, typeoids: Any, timeout: Any) -> Any:
        asked.append(tuple(typeoids))
        return await really(self, typeoids, timeout)

    monkeypatch.setattr(asyncpg.Connection, "_introspect_types", ask)
    monkeypatch.setattr(driver, "_built_in", {})
    return asked


async def _first_statement(url: str, sql: str, *args: Any) -> Any:
    store = Store(url, service="meetings")
    try:
        async with store.unit() as uow:
            return await uow.value(sql, *args)
    finally:
        await store.close()


async def test_of_its_own_types_the_server_is_asked_once_and_never_again(
    database: Callable[[str], Any], asked: list[tuple[int, ...]]
) -> None:
    """Every new connection asked anew, in ten milliseconds or more; and the statements after it waited (D8)."""
    ids = [uuid4(), uuid4()]
    for named in (database("meetings"), database("meetings")):
        assert await _first_statement(named.app_url, "select $1::uuid[]", ids) == ids
    assert len(asked) == 1


async def test_of_a_type_that_a_database_made_it_is_asked_in_each(
    database: Callable[[str], Any], databases: Databases, asked: list[tuple[int, ...]]
) -> None:
    """The same number may be another type in the next; here it is a copy, so that it is the same."""
    first = database("meetings")
    databases.superuser.run("create type public.colour as enum ('red', 'blue');", first.name)
    second = databases.copy(first, "meetings")
    for named in (first, second):
        assert await _first_statement(named.app_url, "select array['blue'::public.colour]") == ["blue"]
    databases.drop(second)
    own = [types for types in asked if max(types) >= driver.A_DATABASES_OWN]
    assert own == [own[0]] * 2
