"""A file that can't be applied though every line was checked has one visible end, and keeps no other file back (W-02, D3.11)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.app import show_what_failed
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.failure import CURE_FOR_OPS, NOT_FOR_ALL
from services.membership.registers.lines import Line
from services.membership.store import imports
from services.membership.store.waiting import waiting
from services.membership.use_cases import import_files
from services.membership.use_cases.failed_imports import (
    FAILED_IMPORTS,
    SentAgainSince,
    apply_files,
    retry,
)
from services.membership.use_cases.pace import Pace
from shared.messaging.cause import new_id
from shared.store import Store, UnitOfWork
from tests.store.membership.asking import DEMO, FINANCE, OFFICER, OPS, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.national import state
from tests.store.membership.test_imports import GO_LIVE, as_csv, first_lines, on, send

LINES = 60  # of the register
BRISTOL = OFFICER | {"authorities": ["801"]}  # whose schools the first lines of the register are
AT_FAULT = 55  # the line of the file: the 50 before the last ones can be applied at once, and four one by one


@pytest.fixture
async def sent(store: Store) -> UUID:
    """A register of which one line breaks a rule that no check knew of."""
    await on(store, GO_LIVE)
    import_id = (await send(store, "gias", as_csv(first_lines(LINES)), "register.csv")).import_id
    await _break(store, import_id)
    return import_id


async def _break(store: Store, import_id: UUID) -> None:
    await _line(store, import_id, "row || jsonb_build_object('status', 'half open', 'was', row -> 'status')")


async def _mend(store: Store, import_id: UUID) -> None:
    await _line(store, import_id, "row || jsonb_build_object('status', row -> 'was')")


async def _line(store: Store, import_id: UUID, becomes: str) -> None:
    sql = f"update import_line set row = {becomes} where import_id = $1 and line = {AT_FAULT}"
    await store.run(lambda uow: uow.execute(sql, import_id))


async def _work(store: Store) -> int:
    """As the worker does it, as often as it would look: how many looks found nothing more to do at once."""
    looks = 0
    while await store.run(lambda uow: uow.value("select exists (select from import where state = 'applying')")):
        while await apply_files(store, Pace()):
            pass
        looks += 1
        assert looks < 10, "it tries for ever"
    return looks


async def _import(store: Store, import_id: UUID) -> Any:
    async with store.unit() as uow:
        return await uow.row("select * from import where import_id = $1", import_id)


async def _schools(store: Store) -> int:
    async with store.unit() as uow:
        return int(await uow.value("select count(*) from school"))


async def test_an_import_that_fails_says_at_which_line_and_why_and_keeps_what_it_had_applied(
    store: Store, sent: UUID
) -> None:
    """W-02"""
    await _work(store)
    found = await _import(store, sent)
    assert (found.state, found.failed_line, found.position) == ("failed", AT_FAULT, AT_FAULT - 1)
    assert "ValueError" in found.failed_because
    assert await _schools(store) == AT_FAULT - 2  # the first line names the columns


async def test_a_file_that_failed_keeps_no_later_one_back(store: Store, sent: UUID) -> None:
    """D3.11: files in any order end in the same state, so the others go on."""
    later = await send(store, "gias", as_csv(first_lines(1, URN="100001")), "small.csv", date(2025, 1, 1))
    await _work(store)
    assert (await _import(store, later.import_id)).state == "done"
    assert (await _import(store, sent)).state == "failed"


async def test_tried_again_it_applies_the_rest_and_ends_as_if_nothing_had_failed(
    store: Store, sent: UUID, database: Any
) -> None:
    """D3.11"""
    await _work(store)
    await _mend(store, sent)
    await store.run(lambda uow: retry(uow, sent))
    await _work(store)
    found = await _import(store, sent)
    assert (found.state, found.failed_line, found.failed_because, found.changed) == ("done", None, None, LINES)
    other = Store(database("membership").app_url, service="membership")
    await on(other, GO_LIVE)
    await send(other, "gias", as_csv(first_lines(LINES)), "register.csv")
    await _work(other)
    assert await state(store) == await state(other)
    await other.close()


async def test_a_fault_that_passes_is_got_over_without_anybody(
    store: Store, sent: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _mend(store, sent)
    chunk, faults = import_files._APPLY["gias"], iter([True])

    async def once(*given: Any) -> Any:
        if next(faults, False):
            raise KeyError("passing")
        return await chunk(*given)

    monkeypatch.setitem(import_files._APPLY, "gias", once)
    assert await _work(store) == 2
    found = await _import(store, sent)
    assert (found.state, found.tries, await _schools(store)) == ("done", 0, LINES)


async def test_a_database_that_is_away_is_nobodys_fault_and_counts_as_no_try(
    store: Store, sent: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*given: Any) -> Any:
        raise ConnectionResetError

    monkeypatch.setitem(import_files._APPLY, "gias", away)
    for _ in range(6):
        with pytest.raises(ConnectionResetError):
            await apply_files(store, Pace())
    assert (await _import(store, sent)).tries == 0


async def test_what_fails_after_the_last_line_is_said_so(
    store: Store, sent: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _mend(store, sent)

    async def broken(*given: Any) -> Any:
        raise RuntimeError("a surprise")

    monkeypatch.setattr(import_files, "close_continued_schools", broken)
    await _work(store)
    found = await _import(store, sent)
    assert (found.state, found.failed_line, found.position) == ("failed", None, LINES + 1)


async def test_officers_see_what_failed_with_its_cure_and_try_it_again_or_give_it_up(
    ask: Ask, abbey: Authority
) -> None:
    """W-02"""
    sent = (await send(abbey.store, "gias", as_csv(first_lines(LINES)), "register.csv")).import_id
    await _break(abbey.store, sent)
    await _work(abbey.store)
    (listed,) = (await ask("/imports?state=failed", BRISTOL)).json()
    assert (listed["import_id"], listed["failure"]["line"]) == (str(sent), AT_FAULT)
    assert "retry" in listed["failure"]["cure"]
    assert (await ask(f"/imports/{sent}", BRISTOL)).json()["failure"] == listed["failure"]
    show_what_failed(await waiting(abbey.store, LONGEST_JUMP))
    assert FAILED_IMPORTS._value.get() == 1

    assert (await ask(f"/imports/{sent}/retry", FINANCE, {})).status_code == 403
    assert (await ask(f"/imports/{sent}/retry", BRISTOL, {})).json()["state"] == "applying"
    refused = await ask(f"/imports/{sent}/retry", BRISTOL, {})
    assert refused.json()["detail"].startswith("This import is applying")
    assert refused.status_code == 409
    await _work(abbey.store)
    assert (await ask(f"/imports/{sent}/discard", BRISTOL, {"reason": ""})).status_code == 422
    given_up = (await ask(f"/imports/{sent}/discard", BRISTOL, {"reason": "an older edition"})).json()
    assert (given_up["state"], given_up["position"]) == ("discarded", AT_FAULT - 1)
    assert (await ask(f"/imports/{sent}/retry", BRISTOL, {})).status_code == 409
    assert (await ask("/imports?state=failed", OPS)).json() == []
    assert await abbey.do(lambda uow: uow.value("select count(*) from import_line")) == 0
    show_what_failed(await waiting(abbey.store, LONGEST_JUMP))
    assert FAILED_IMPORTS._value.get() == 0
    assert (await ask(f"/imports/{UUID(int=0)}/retry", DEMO, {})).status_code == 404


async def test_the_ops_team_sees_that_a_file_has_failed_and_not_at_which_line(ask: Ask, abbey: Authority) -> None:
    """R0.8, N-04: a line is a school, and that something of it can't be done may be nobody's business but an officer's."""
    sent = (await send(abbey.store, "gias", as_csv(first_lines(LINES)), "register.csv")).import_id
    await _break(abbey.store, sent)
    await _work(abbey.store)
    (listed,) = (await ask("/imports?state=failed", OPS)).json()
    assert (listed["import_id"], listed["position"], listed["lines"]) == (str(sent), 0, LINES)
    assert listed["failure"] == {"line": None, "reason": NOT_FOR_ALL, "cure": CURE_FOR_OPS}
    assert (await ask(f"/imports/{sent}", OPS)).json()["failure"] == listed["failure"]


async def test_an_edition_that_was_sent_again_since_is_not_tried_again(store: Store, sent: UUID) -> None:
    """D3.11: of one kind and one day the line that was sent last counts, so the older file may not come after it."""
    await _work(store)
    again = await send(store, "gias", as_csv(first_lines(LINES)), "register.csv")
    with pytest.raises(SentAgainSince, match=str(again.import_id)):
        await store.run(lambda uow: retry(uow, sent))


async def test_an_upload_that_broke_off_keeps_no_failed_file_from_being_tried_again(store: Store, sent: UUID) -> None:
    """D3.11: one that is still being sent is applied after it, if it ever comes to its end."""
    await _work(store)
    await store.run(lambda uow: _receiving(uow, "gias"))
    await _mend(store, sent)
    await store.run(lambda uow: retry(uow, sent))
    await _work(store)
    assert (await _import(store, sent)).state == "done"


async def test_an_upload_that_was_given_up_is_not_taken_when_its_end_arrives_after_all(store: Store) -> None:
    """W-02: its lines are gone, and it would count as applied without them."""
    await on(store, GO_LIVE)
    import_id = await store.run(lambda uow: _receiving(uow, "gias"))
    await store.run(lambda uow: uow.execute("update import set began_at = began_at - interval '61 minutes'"))
    await store.run(imports.abandon_unfinished_uploads)
    with pytest.raises(imports.TookTooLong, match="Send it again"):
        await store.run(lambda uow: imports.accept(uow, import_id, LINES))
    with pytest.raises(imports.TookTooLong):
        await store.run(lambda uow: imports.stage(uow, import_id, [Line(2, {})]))
    assert (await _import(store, import_id)).state == "abandoned"


async def _receiving(uow: UnitOfWork, kind: str) -> UUID:
    import_id = new_id()
    await imports.begin(
        uow,
        import_id,
        kind=kind,
        name="later.csv",
        layout="GIAS",
        notes=[],
        sha256="",
        as_at=GO_LIVE,
        dry_run=False,
        requested_by="her",
    )
    return import_id
