"""Whatever the register, the trusts and Ofsted say, their files in any order and repetition end in the same state (D3.11).

As test_imports_order.py has it of the real files, in three orders: here the files are drawn, and the order too.
`make properties` is the long run.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.turn_days import turn_days
from shared.store import Store
from tests.conftest import Databases
from tests.store.membership.national import state
from tests.store.membership.small_files import TODAY, File, small_files
from tests.store.membership.test_imports import on, send

EXAMPLES = int(os.environ.get("CONSORTIA_EXAMPLES", "5"))
SEED = int(os.environ.get("CONSORTIA_SEED", "2006"))
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CONSORTIA_SHRINK") else (Phase.generate,)

Kept = dict[str, set[tuple[Any, ...]]]

pytestmark = pytest.mark.timeout(7200)


async def take_in(store: Store, file: File) -> None:
    received = await send(store, file.kind, file.content, f"{file.name}.csv", file.as_at)
    assert received.problems == []
    while await store.run(apply_next_chunk):
        pass


async def turn(store: Store) -> None:
    while await store.run(turn_days):
        pass


def without_the_order(kept: dict[str, list[Any]]) -> Kept:
    """What must not depend on the order of the files. The rest may, since it says when something was known here.

    What was told, and how often: a school is told of what follows from the files that are there, and told again when a late
    one says otherwise. From which day somebody spoke: from the one on which that followed. The category of a school that is
    closed, which is kept as it was told last: one that was closed in the first file to come was told none. The earlier of two
    words on an inspection, which is only kept where it came first. And what officers were asked meanwhile.
    """
    is_open = {row[0] for row in kept["school"] if row[-1]}
    return {
        **{table: set(kept[table]) for table in ("school", "listing", "trust", "continuity")},
        "outcome": believed(kept["outcome"]),
        "representation": {row if row[0] in is_open else row[:3] + row[7:] for row in kept["representation"]},
        "have spoken": {row[:2] + row[3:5] for row in kept["speaker"]},
        "speak now": {row[:2] + row[3:] for row in kept["speaker"] if row[2].endswith(",)")},
    }


def believed(rows: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Of each inspection what the latest file says of it: the word of an earlier one that comes after it isn't kept."""
    last = {row[1:3]: row for row in sorted(rows, key=lambda row: (row[7], row[3]))}
    return {row[:3] + row[4:] for row in last.values()}


async def ends_in(databases: Databases, sent: Sequence[tuple[File, bool]], again: Sequence[File] = ()) -> Kept:
    made = databases("membership")
    store = Store(made.app_url, service="membership")
    try:
        await on(store, TODAY)
        for file, turned in sent:
            await take_in(store, file)
            if turned:
                await turn(store)
        await turn(store)
        kept = await state(store)
        for file in again:
            await take_in(store, file)
            await turn(store)
        assert await state(store) == kept, f"told by files that were there: {[file.name for file in again]}"
        return without_the_order(kept)
    finally:
        await store.close()
        databases.drop(made)


@dataclass(frozen=True)
class Drawn:
    files: list[File]  # by their days, as they would come if none were late
    sent: list[tuple[File, bool]]  # and whether the day was turned then
    again: list[File]  # at last, when all is settled

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How a failing example is printed."""
        order = ", ".join(f"{file.name}{' (turned)' if turned else ''}" for file, turned in self.sent)
        again = ", ".join(file.name for file in self.again)
        printer.text("\n".join(["", *map(File.told, self.files), f"sent: {order}; again: {again}"]))


@st.composite
def any_order(draw: st.DrawFn) -> Drawn:
    files = draw(small_files())
    again = draw(st.lists(st.sampled_from(range(len(files))), max_size=3))
    places = draw(st.permutations([*range(len(files)), *again]))
    sent = [(files[place], draw(st.booleans())) for place in places]
    return Drawn(files, sent, draw(st.lists(st.sampled_from(files), min_size=1, max_size=3)))


def test_whatever_the_files_say_any_order_of_them_ends_in_the_same_state(databases: Databases) -> None:
    """D3.11"""

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )  # fmt: skip
    @given(any_order())
    def end_the_same(drawn: Drawn) -> None:
        as_they_came = asyncio.run(ends_in(databases, [(each, False) for each in drawn.files]))
        otherwise = asyncio.run(ends_in(databases, drawn.sent, drawn.again))
        for table, rows in as_they_came.items():
            assert otherwise[table] == rows, f"{table}: {sorted(map(str, otherwise[table] ^ rows))}"

    end_the_same()
