"""What an officer enters by command is kept by her name: the school was told on DATE by NAME (R0.8)."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.local.__main__ import app
from infra.local.keys import OFFICE_ROLES
from tests.store.membership.conftest import Authority
from tests.store.membership.served import served

OAK, JANUARY = "900003", date(2024, 1, 10)
NAME = "Invented Officer"


@pytest.fixture
def data(abbey: Authority, tmp_path: Path) -> Iterator[Path]:
    with served(abbey.store.url, tmp_path) as folder:
        yield folder


async def enter(data: Path, *typed: str) -> None:
    """On this machine, as an officer does; nothing is said of who she is unless it is typed."""
    env = {"CONSORTIA_DATA": str(data), "CONSORTIA_OFFICER": None}
    ended = await asyncio.to_thread(lambda: CliRunner().invoke(app, list(typed), env=env))
    assert ended.exit_code == 0, ended.output or ended.exception


async def kept(abbey: Authority, column: str, table: str) -> list[str]:
    rows = await abbey.do(lambda uow: uow.rows(f"select {column} as by_whom from {table} order by recorded_at"))
    return [row.by_whom for row in rows]


async def test_who_told_a_school_and_who_entered_what_is_kept_by_name_and_never_by_role(
    abbey: Authority, data: Path
) -> None:
    """R0.8"""
    await abbey.on(JANUARY)
    day, reason = JANUARY.isoformat(), ("--reason", "Why")
    await enter(data, "la-category", "set", OAK, "4", "--from", day, *reason, "--as", NAME)
    await enter(data, "school", "told", OAK, "--on", day, "--as", NAME)
    await enter(data, "school", "told", OAK, "--on", day)
    assert await kept(abbey, "set_by", "la_entry") == [NAME]
    told_by = await kept(abbey, "told_by", "told")
    assert told_by[0] == NAME
    assert [name for name in told_by if not name or name in OFFICE_ROLES] == [], "whose account this machine's is"
    audited = await abbey.do(lambda uow: uow.rows("select who from audit"))
    assert {row.who for row in audited} == set(told_by)
