"""A lock that somebody holds for good keeps the days of its own school back, and after a while no others (D3.10)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.membership.domain.failed_day import LONGEST_WAIT
from services.membership.store import failed_due, representation
from services.membership.use_cases.failed_days import AT_MOST_HELD_UP, turn
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.patience import Patience
from shared.failures import sqlstate
from tests.conftest import Databases
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import SCHOOLS, START, Authority, line
from tests.store.membership.test_failed_days import BROKEN, CATEGORY, DAY, WHOLE, Locked, _plan, _today, _told


@pytest.fixture
async def hasty(abbey: Authority, databases: Databases) -> None:
    """Nobody waits three seconds for a lock, as the service does."""
    named = abbey.store.url.rsplit("/", 1)[1]
    databases.superuser.run(f"alter role membership_app in database {named} set lock_timeout = '0.1s';")
    await abbey.store.engine.dispose()  # a connection is given its setting when it is made


@pytest.fixture
async def locked(abbey: Authority, hasty: None) -> AsyncIterator[None]:
    """Somebody has locked one of the two schools of which something is due."""
    await _plan(abbey, BROKEN, DAY)
    await _plan(abbey, WHOLE, DAY)
    await _today(abbey, DAY)
    async with abbey.store.unit() as holding:
        await holding.execute("set local idle_in_transaction_session_timeout = 0")  # else it would be ended soon
        await holding.execute("set local transaction_timeout = 0")
        await representation.lock(holding, [BROKEN])
        with capture_logs():
            yield


async def test_after_a_while_a_lock_that_others_hold_counts_as_a_failure_of_its_school_and_the_others_go_on(
    ask: Ask, abbey: Authority, locked: None
) -> None:
    now = [0.0]
    patience = Patience(clock=lambda: now[0])
    for seconds in (0.0, LONGEST_WAIT.total_seconds()):
        now[0] = seconds
        with pytest.raises(Exception, match="lock") as waited:
            await turn(abbey.store, patience=patience)
        assert sqlstate(waited.value) == "55P03"
        assert await abbey.do(failed_due.count) == 0, "what others hold for a moment is no failure of this"
    now[0] += 1
    while await turn(abbey.store, patience=patience):
        pass
    assert await _told(abbey, CATEGORY) == {WHOLE}
    (failed,) = (await ask("/due", OFFICER)).json()
    assert failed["concerns"] == [BROKEN]
    assert "10 minutes" in failed["because"]


async def test_where_everything_is_locked_no_school_is_at_fault(abbey: Authority) -> None:
    """Somebody works on the whole table: nobody is to try hundreds of schools again afterwards."""
    schools = [*SCHOOLS, *(f"91{n:04}" for n in range(AT_MOST_HELD_UP))]
    await abbey.do(lambda uow: keep_schools(uow, [line(urn) for urn in schools]))
    await abbey.do(lambda uow: keep_schools(uow, [line(urn, START, closed_on=DAY) for urn in schools]))
    await abbey.on(DAY - timedelta(days=1))
    await _today(abbey, DAY)
    patience = Patience(clock=iter([0.0, LONGEST_WAIT.total_seconds() + 1]).__next__)
    with pytest.MonkeyPatch.context() as locked, capture_logs():
        locked.setattr(representation, "lock", _refused)
        assert patience.is_over() is False
        with pytest.raises(Locked):
            await turn(abbey.store, patience=patience)
    assert await abbey.do(failed_due.count) == 0


async def _refused(*given: object) -> None:
    raise Locked


async def test_once_days_have_been_turned_the_wait_begins_anew(abbey: Authority) -> None:
    now = [0.0]
    patience = Patience(clock=lambda: now[0])
    assert not patience.is_over()
    now[0] = LONGEST_WAIT.total_seconds() + 1
    assert await turn(abbey.store, patience=patience) == 0
    assert not patience.is_over()
    now[0] += LONGEST_WAIT.total_seconds()
    assert not patience.is_over()
    now[0] += 1
    assert patience.is_over()
