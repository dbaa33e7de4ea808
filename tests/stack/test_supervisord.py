"""The supervisor looks for who has died more often than supervisor does by itself."""

import time
from types import SimpleNamespace

from infra.local.supervisord import Watchful


def test_whoever_died_is_looked_for_again_long_before_the_second_that_supervisor_would_wait() -> None:
    began = time.monotonic()
    assert Watchful(SimpleNamespace()).poll(1.0) == ([], [])
    assert time.monotonic() - began < 0.9
