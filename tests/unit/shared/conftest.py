"""Tokens for tests, and an application without a database: a store that remembers what it was given to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared.auth.tokens import Verifier, mint, new_key
from shared.messaging.cause import Cause


@dataclass
class Tokens:
    private: Path
    verifier: Verifier

    def __call__(self, *roles: str, authorities: tuple[str, ...] = ("937",), subject: str = "officer-1") -> str:
        return mint(self.private, subject=subject, roles=roles, authorities=authorities)

    def headers(self, *roles: str, key: str | None = "key-1", **rest: Any) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self(*roles, **rest)}"}
        return {**found, "Idempotency-Key": key} if key is not None else found


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    folder = tmp_path_factory.mktemp("keys")
    new_key(folder / "private", folder / "public")
    return Tokens(folder / "private", Verifier(folder / "public"))


@dataclass
class RememberingUnit:
    said: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    async def execute(self, sql: str, *args: Any) -> int:
        self.said.append((" ".join(sql.split()), args))
        return 1

    def audit(self) -> list[tuple[Any, ...]]:
        return [args for sql, args in self.said if sql.startswith("insert into audit")]


@dataclass
class RememberingStore:
    """Stands in where nothing is asked of the database; the real one is used in tests/store."""

    uow: RememberingUnit = field(default_factory=RememberingUnit)

    async def run(self, work: Callable[[Any], Awaitable[Any]], *, cause: Cause | None = None) -> Any:
        return await work(self.uow)


@pytest.fixture
def store() -> RememberingStore:
    return RememberingStore()
