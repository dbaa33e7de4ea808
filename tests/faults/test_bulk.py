"""The bulk of the load stops where it would grow what has to be caught up with."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from tests.faults import beside, bulk, plan, watching
from tests.faults.asked import Asked
from tests.faults.asking import Answer
from tests.faults.history import Journal
from tests.faults.load import Load
from tests.faults.watching import Watch
from tests.pace import pace

TOPIC, READER = "consortia.membership.events.v1", "meetings"
OTHERS = ("funding", "notifications")


class Asking(Load):
    """Officers whose requests are only counted."""

    def __init__(self, journal: Journal, room: asyncio.Event):
        super().__init__(journal, lambda _: [], "", plan=plan.short(1), room=room.is_set)
        self.asked = 0

    async def ask(self, asked: Asked, gives_up: float = 0.0) -> Any:
        assert self.beside.is_busy  # so nothing can be made to stand still meanwhile
        self.asked += 1
        await pace(0)


async def test_nothing_large_is_asked_for_without_room_and_again_as_soon_as_there_is(tmp_path: Path) -> None:
    room = asyncio.Event()
    load = Asking(Journal(tmp_path / "history.jsonl"), room)
    load.bulk.made = [str(900_000 + n) for n in range(100)]
    going = [asyncio.create_task(each()) for each in (load.bulk.large_requests, load.bulk.files)]
    looked = asyncio.Event()
    load.bulk.room = lambda: looked.set() or room.is_set()  # type: ignore[func-returns-value]
    await looked.wait()
    assert load.asked == 0
    room.set()
    await eventually(lambda: load.asked >= 2)
    await load.end()
    await asyncio.gather(*going)


async def test_nothing_large_begins_while_a_piece_of_work_is_taken_however_much_room_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []

    async def until_it_is_taken(seconds: float) -> None:
        waited.append(seconds)
        load.beside.is_held = False

    monkeypatch.setattr(bulk, "pace", until_it_is_taken)
    room = asyncio.Event()
    room.set()
    load = Asking(Journal(tmp_path / "history.jsonl"), room)
    assert (await load.bulk._has_room(), len(waited)) == (True, 0)
    load.beside.is_held = True
    assert (await load.bulk._has_room(), len(waited)) == (True, 1)


async def test_no_day_is_turned_while_a_piece_of_work_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_until_then = []

    async def until_it_is_taken(seconds: float) -> None:
        asked_until_then.append(load.asked)
        load.beside.is_held = False

    monkeypatch.setattr(beside, "pace", until_it_is_taken)
    load = Asking(Journal(tmp_path / "history.jsonl"), asyncio.Event())
    load.day, load.beside.is_held = 0.0, True
    going = asyncio.create_task(load._turn_days())
    await eventually(lambda: load.asked >= 6)
    await load.end()
    await going
    assert asked_until_then == [0]


class OneFile(Load):
    """An officer with room for one file, which meets locks for too long: it fails, and tried again it is applied."""

    def __init__(self, journal: Journal, *, is_the_last: bool):
        super().__init__(journal, lambda _: [], "", plan=plan.short(1), room=lambda: not self.asked)
        self.states = ["applying", "failed", "applying", "no answer", "applying", "done"]
        self.asked: list[tuple[str, str, str]] = []
        self.is_the_last = is_the_last

    async def ask(self, asked: Asked) -> Any:
        self.asked.append((asked.kind, asked.value, asked.path.partition("?")[0]))
        if self.is_the_last:
            self._over.set()
        return {"import_id": "1"}

    async def request(self, method: str, service: str, path: str, **more: Any) -> Answer | None:
        assert (method, service, path) == ("GET", "membership", "/imports/1")
        assert self.beside.is_busy
        state = self.states.pop(0)
        return Answer(200, {}, json.dumps({"state": state}).encode()) if state != "no answer" else None


@pytest.mark.parametrize("is_the_last", [False, True], ids=["while the load goes on", "when it is over"])
async def test_a_file_that_failed_is_tried_again_until_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_the_last: bool
) -> None:
    async def no_time(seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(bulk, "pace", no_time)
    load = OneFile(Journal(tmp_path / "history.jsonl"), is_the_last=is_the_last)
    going = asyncio.create_task(load.bulk.files())
    await eventually(lambda: len(load.bulk.made) == plan.short(1).schools)
    await load.end()
    await going
    assert load.asked == [("import", "file 1", "/imports/gias"), ("retry", "file 1", "/imports/1/retry")]
    assert load.states == []


@pytest.mark.parametrize(("left", "there_is"), [(0, True), (100, True), (101, False)])
def test_there_is_room_while_readers_have_little_left(tmp_path: Path, left: int, there_is: bool) -> None:
    watch = _watch(tmp_path)
    watch.take({TOPIC: 10_000}, _reached(10_000 - left))
    assert watch.has_room() is there_is


def test_who_has_read_nothing_of_a_topic_has_all_of_it_left(tmp_path: Path) -> None:
    """A subscription that was dropped excuses nobody."""
    watch = _watch(tmp_path)
    watch.take({TOPIC: 251}, {place: n for place, n in _reached(251).items() if place[1] != READER})
    assert not watch.has_room()


def test_who_could_not_be_asked_for_a_while_may_have_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = _watch(tmp_path)
    watch.take({TOPIC: 10_000}, _reached(10_000))
    assert watch.has_room()
    later = watch.times[-1] + watching.STALE
    monkeypatch.setattr(watching, "now", lambda: later)
    assert not watch.has_room()


def _reached(by_one: int) -> dict[tuple[str, str], int]:
    """How far one reader has come, and the others to the end."""
    return {(TOPIC, READER): by_one} | {(TOPIC, other): 10_000 for other in OTHERS}


def _watch(folder: Path) -> Watch:
    nowhere: Any = None
    return Watch(nowhere, Journal(folder / "history.jsonl"), plan.short(1).room)
