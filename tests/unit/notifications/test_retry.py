"""D3.9: when a webhook is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.retry import SCHEDULE, Outcome, decide


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_ends_the_delivery(status):
    assert decide(status, 1).outcome is Outcome.DELIVERED


@pytest.mark.parametrize("status", [None, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_a_failure_or_a_redirect_is_tried_again_after_five_seconds(status):
    decision = decide(status, 1)
    assert (decision.outcome, decision.wait) == (Outcome.TRY_AGAIN, timedelta(seconds=5))


def test_gone_disables_the_subscription_at_once():
    assert decide(410, 1).outcome is Outcome.DISABLE


def test_a_used_up_schedule_pauses_the_subscription():
    assert decide(503, len(SCHEDULE)).outcome is Outcome.TRY_AGAIN
    assert decide(503, len(SCHEDULE) + 1).outcome is Outcome.PAUSE


def test_a_success_on_the_very_last_attempt_is_a_success():
    assert decide(200, len(SCHEDULE) + 1).outcome is Outcome.DELIVERED


@given(status=st.one_of(st.none(), st.integers(300, 599).filter(lambda code: code != 410)), attempts=st.integers(1, 30))
def test_every_failure_has_an_end(status, attempts):
    decision = decide(status, attempts)
    assert (decision.wait is not None) == (decision.outcome is Outcome.TRY_AGAIN)
    assert (decision.outcome is Outcome.PAUSE) == (attempts > len(SCHEDULE))


def test_waits_never_grow_shorter():
    assert list(SCHEDULE) == sorted(SCHEDULE)
