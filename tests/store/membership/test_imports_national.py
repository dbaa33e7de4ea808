"""A seeded slice of the files of all England: killed on the way, with memory flat. The whole: python -m tests.bench.national"""

import asyncio
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.local.launch import die_with_parent
from infra.local.programs import ROOT
from services.membership.registers.file import SentFile
from services.membership.registers.lines import Line
from shared.store import Store
from tests.eventually import eventually
from tests.store.membership.long_layouts import CARDS, HEADERS, LONG
from tests.store.membership.national import applied, content, kind_and_name, sliced, state
from tests.store.membership.test_imports import count, on, send

TODAY = date(2026, 3, 1)
# Lines; several chunks a file, and the long layouts as well, each a later edition.
SLICE = {"gias": 1100, "groups": 200, "group-links": 300, "school-links": 300, "ofsted": 600, LONG: 300, CARDS: 200}
WAITING = "select count(*) from import_line l join import i using (import_id) where l.line > i.position"


async def take_in(store: Store) -> None:
    """All the files are checked and wait to be applied."""
    await on(store, TODAY)
    for key, rows in SLICE.items():
        kind, name = kind_and_name(key)
        received = await send(store, kind, sliced(key, rows), name)
        assert (received.state, received.problems) == ("applying", [])


def start(database: Any, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.importer"],
            cwd=ROOT,
            env={**os.environ, "CONSORTIA_DATABASE_URL": database.app_url},
            stdout=out,
            stderr=out,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),
        )


async def test_an_import_killed_three_times_on_its_way_ends_as_one_that_was_not(
    database: Callable[[str], Any], tmp_path: Path
) -> None:
    """I1, I2"""
    in_peace = Store(database("membership").app_url, service="membership")
    await take_in(in_peace)
    async for _ in applied(in_peace):
        pass
    expected = await state(in_peace)
    await in_peace.close()

    named = database("membership")
    store = Store(named.app_url, service="membership")
    await take_in(store)
    lines = await count(store, WAITING)
    waited = [lines]
    for _ in range(3):
        process = start(named, tmp_path / "importer.log")
        await eventually(partial(_fewer_wait, store, waited[-1]), every=0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        waited.append(await count(store, WAITING))
    assert waited[-1] > 0, "each was killed on its way, and each had got further"
    last = start(named, tmp_path / "importer.log")
    assert await asyncio.to_thread(last.wait, 240) == 0
    assert await count(store, "select count(*) from import where state = 'done'") == len(SLICE)
    assert await state(store) == expected
    await store.close()


async def _fewer_wait(store: Store, lines: int) -> bool:
    return await count(store, WAITING) < lines


@pytest.mark.parametrize(("kind", "lines"), [("gias", 51_012), ("school-links", 33_801), ("ofsted", 21_990)])
async def test_every_line_of_england_is_read_and_none_is_a_problem(kind: str, lines: int) -> None:
    data = content(kind)
    file = SentFile()
    try:
        await file.receive(_pieces(data))
        assert sum(isinstance(each, Line) for each in file.read(kind).lines) == lines
    finally:
        file.close()


@pytest.mark.parametrize(("key", "layout", "columns"), [(LONG, "gias", 140), (CARDS, "ofsted-2026", 85)])
async def test_every_line_of_the_long_layouts_is_read_and_none_is_a_problem(
    key: str, layout: str, columns: int
) -> None:
    """A slice of both; all of England goes in by python -m tests.bench.national."""
    assert len(HEADERS[key]) == columns
    file = SentFile()
    try:
        await file.receive(_pieces(sliced(key, 3_000)))
        reading = file.read(kind_and_name(key)[0])
        assert (reading.layout.name, reading.notes) == (layout, [])
        assert sum(isinstance(each, Line) for each in reading.lines) == 3_000
    finally:
        file.close()


async def test_reading_ten_times_the_lines_takes_no_more_memory_for_what_was_read() -> None:
    """Only two numbers a line stay, to find a second line on the same school."""
    small, large = await _peak(sliced("gias", 5_000)), await _peak(sliced("gias", 50_000))
    assert large - small < 16, f"{small:.1f} MB for a tenth, {large:.1f} MB for all"


async def _peak(data: bytes) -> float:
    """Megabytes beyond what there was, while every line is read and let go."""
    file = SentFile()
    tracemalloc.start()
    try:
        await file.receive(_pieces(data))
        for _ in file.read("gias").lines:
            pass
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
        file.close()


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start_at in range(0, len(data), 65_536):
        yield data[start_at : start_at + 65_536]
