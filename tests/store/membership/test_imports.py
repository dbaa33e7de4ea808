"""The real files of the two authorities, read and applied as an officer would send them."""

import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from services.membership.registers.file import SentFile
from services.membership.registers.lines import ColumnsMissing, UnknownKind
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.receive_file import Received, date_in, receive
from services.membership.use_cases.turn_days import turn_days
from shared.messaging.cause import Cause
from shared.store import Store, UnitOfWork

DATA = Path(__file__).resolve().parents[3] / "infra" / "demo" / "data"
GIAS = "gias_composite_warwickshire_bristol.csv"
OFSTED = "ofsted_mi_20250831_warwickshire_bristol.csv"
TRUSTS = "gias_grouplinks_20220718_warwickshire_bristol.csv"
GO_LIVE = date(2023, 9, 1)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]


async def _today(uow: UnitOfWork) -> date:
    return uow.today


async def send(
    store: Store, kind: str, content: bytes, name: str, as_at: date | None = None, *, dry_run: bool = False
) -> Received:
    as_at = as_at or date_in(name) or await store.run(_today)
    file = SentFile()
    try:
        await file.receive(_chunks(content))
        return await receive(
            store, Cause.story(), file, kind=kind, name=name, as_at=as_at, requested_by="an officer", dry_run=dry_run
        )
    finally:
        file.close()


async def apply(store: Store, kind: str, name: str, as_at: date | None = None) -> Received:
    received = await send(store, kind, (DATA / name).read_bytes(), name, as_at)
    assert received.problems == []
    while await store.run(apply_next_chunk):
        pass
    return received


async def on(store: Store, day: date) -> None:
    await store.run(
        lambda uow: uow.execute(
            "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
        )
    )


async def count(store: Store, sql: str) -> int:
    async with store.unit() as uow:
        return int(await uow.value(sql))


async def test_the_register_the_trusts_and_the_inspections_of_both_authorities_go_in(store: Store) -> None:
    await on(store, GO_LIVE)
    assert (await apply(store, "gias", GIAS)).lines == 996
    await apply(store, "group-links", TRUSTS)
    ofsted = await apply(store, "ofsted", OFSTED)
    assert ofsted.as_at == date(2025, 8, 31)
    async with store.unit() as uow:
        listed = await uow.rows(
            "select s.urn, s.type_code, s.source, k.role, k.matter, s.announced_open from school s "
            "left join speaker k on k.urn = s.urn and upper_inf(k.during)"
        )
        held = await uow.rows("select state, kept_back, changed from import where kind = 'ofsted'")
    assert held[0].state == "done"
    assert held[0].kept_back == 242  # published after go-live: not yet known
    from_ofsted = {row.urn for row in listed if row.source == OFSTED}
    assert len(from_ofsted) == 14  # opened since the register of June 2024
    open_now = Counter((row.urn) for row in listed if row.announced_open and row.matter)
    assert set(open_now.values()) == {2}  # one answer for each matter


async def test_every_one_of_the_406_schools_is_in_the_register_and_state_funded(store: Store) -> None:
    await on(store, date(2025, 10, 1))
    await apply(store, "gias", GIAS, as_at=date(2024, 6, 17))
    await apply(store, "ofsted", OFSTED)
    async with store.unit() as uow:
        rows = await uow.rows(
            "select s.urn, r.category, s.announced_open, s.type_code from school s join representation r using (urn) "
            "where s.source_as_at = '2025-08-31'"
        )
    assert len(rows) == 406
    assert all(row.announced_open for row in rows)
    assert all(row.type_code for row in rows)
    # Only the first nine never had an outcome that counts for them: six never inspected, and the sponsor-led academies
    # that don't inherit their predecessor's.
    assert sum(row.category is None for row in rows) == 6 + 6


async def test_a_school_that_another_continues_closes_when_that_one_opens(store: Store) -> None:
    await on(store, date(2025, 10, 1))
    await apply(store, "gias", GIAS, as_at=date(2024, 6, 17))
    await apply(store, "ofsted", OFSTED)
    async with store.unit() as uow:
        old = await uow.row("select closed_on, announced_open from school where urn = '125661'")
    assert old is not None
    assert (old.closed_on, old.announced_open) == (date(2024, 9, 1), False)


async def test_the_same_files_again_change_and_tell_nothing(store: Store) -> None:
    await on(store, GO_LIVE)
    for _ in range(2):
        await apply(store, "gias", GIAS)
        await apply(store, "group-links", TRUSTS)
        await apply(store, "ofsted", OFSTED)
    await store.run(lambda uow: uow.execute("delete from outbox"))
    for kind, name in (("gias", GIAS), ("group-links", TRUSTS), ("ofsted", OFSTED)):
        await apply(store, kind, name)
    assert await count(store, "select count(*) from outbox") == 0
    async with store.unit() as uow:
        changed = await uow.rows("select changed from import order by began_at desc limit 3")
    assert [row.changed for row in changed] == [0, 0, 0]


async def test_an_import_that_was_cut_off_goes_on_where_it_stopped(store: Store) -> None:
    await on(store, GO_LIVE)
    received = await send(store, "gias", (DATA / GIAS).read_bytes(), GIAS)
    await store.run(apply_next_chunk)  # and here the process dies
    halfway = await count(store, "select count(*) from school")
    assert halfway == 500
    while await store.run(apply_next_chunk):
        pass
    assert await count(store, "select count(*) from school") == received.lines == 996
    assert await count(store, "select count(*) from import_line") == 0


async def test_a_bad_line_is_reported_with_its_cure_and_nothing_of_the_file_is_taken(store: Store) -> None:
    lines = (DATA / GIAS).read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[0], "12AB", 1)
    received = await send(store, "gias", "\n".join(lines).encode(), "broken.csv")
    assert received.state == "refused"
    (problem,) = received.problems
    assert (problem.line, problem.column, problem.value) == (6, "URN", "12AB")
    assert "six digits" in problem.cure
    assert not await store.run(apply_next_chunk)
    assert await count(store, "select count(*) from school") == 0
    async with store.unit() as uow:
        row = await uow.row("select problems::text as problems from import")
    assert row is not None
    assert json.loads(row.problems)[0]["line"] == 6


async def test_a_line_that_contradicts_an_earlier_one_is_reported(store: Store) -> None:
    received = await send(store, "gias", as_csv(first_lines(1) + first_lines(1, EstablishmentName="Oak")), "twice.csv")
    assert [problem.line for problem in received.problems] == [3]


async def test_another_kind_of_file_is_refused_by_its_first_line(store: Store) -> None:
    with pytest.raises(ColumnsMissing, match="not a file of GIAS establishments: its first line lacks LA"):
        await send(store, "gias", (DATA / OFSTED).read_bytes(), OFSTED)
    with pytest.raises(UnknownKind):
        await send(store, "census", b"URN\n", "census.csv")


async def test_the_official_windows_1252_file_is_read_too(store: Store) -> None:
    rows = first_lines(1, EstablishmentName="St Mary’s")
    await apply_bytes(store, as_csv(rows, "cp1252"))
    async with store.unit() as uow:
        assert await uow.value("select name from school where urn = $1", rows[0]["URN"]) == "St Mary’s"


def first_lines(how_many: int, **changes: str) -> list[dict[str, str]]:
    with (DATA / GIAS).open(newline="") as file:
        return [row | changes for row in itertools.islice(csv.DictReader(file), how_many)]


def as_csv(rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


async def apply_bytes(store: Store, content: bytes, as_at: date | None = None) -> None:
    assert (await send(store, "gias", content, "small.csv", as_at)).problems == []
    while await store.run(apply_next_chunk):
        pass


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("edubasealldata20240617.csv", date(2024, 6, 17)),
        ("as at 2025-08-31.csv", date(2025, 8, 31)),
        ("schools.csv", None),
        ("20241399.csv", None),
    ],
)
def test_the_day_of_a_file_is_read_from_its_name(name: str, day: date | None) -> None:
    assert date_in(name) == day


async def test_a_file_whose_outcomes_all_come_later_is_applied_and_keeps_them_back(store: Store) -> None:
    """D3.10: read in 2006 every outcome of the file of 2025 is one of a later day."""
    await on(store, date(2006, 10, 1))
    await apply(store, "ofsted", OFSTED)
    assert await count(store, "select count(*) from outcome") == 0
    assert await count(store, "select count(*) from import where state = 'done'") == 1


async def test_what_a_file_has_as_published_on_a_day_to_come_counts_when_a_file_has_it_on_or_after_that_day(
    store: Store,
) -> None:
    """R0.1, R0.4: a report is known from its publication, and that it would be published no list can know: it isn't put off."""
    outcomes = "select count(distinct (inspection_number, kind)) from outcome"
    await on(store, GO_LIVE)
    await apply(store, "ofsted", OFSTED)
    before = await count(store, outcomes)
    await on(store, date(2025, 10, 1))
    while await store.run(turn_days):
        pass
    assert await count(store, outcomes) == before
    await apply(store, "ofsted", OFSTED)
    assert await count(store, outcomes) == before + 242


async def test_what_was_published_after_the_day_of_the_file_and_before_today_counts(store: Store) -> None:
    """D3.11: its day was given wrongly; a later-dated file is believed before it, and none is lost by it."""
    await on(store, date(2025, 10, 1))
    await apply(store, "ofsted", OFSTED, as_at=GO_LIVE)
    assert await count(store, "select count(*) from outcome where published_on > source_as_at") == 242
    assert await count(store, "select kept_back from import") == 0
    await apply(store, "ofsted", OFSTED)
    assert await count(store, "select count(*) from import where changed > 0") == 1
