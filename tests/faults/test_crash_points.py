"""kill -9 at every named place: nothing lost, nothing doubled, nothing out of order."""

import ast
import asyncio
import importlib
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.ports import SERVICES
from infra.local.programs import ROOT
from shared.crash import POINTS
from tests.faults.must_read import TOPICS
from tests.faults.of_processes import WHERE as TRIED_IN
from tests.faults.scene import Scene

# The two between what the broker knows and what the database knows; every named place is tried by `make faults`.
WHERE = {"inbox.after_commit": "consumer", "relay.after_send": "relay"}


@pytest.mark.parametrize("point", WHERE)
async def test_kill_9_at(point: str, scene: Scene) -> None:
    """I1 to I4, I7, I9, I10. The process dies when it reaches the place for the third time, and another is started."""
    victim = WHERE[point]
    for name in ("relay", "consumer"):
        if name == victim:
            scene.start(name, CRASH_AT=f"{point}:3")
        else:
            scene.start(name)
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    assert await scene.ended(victim, 40) == -signal.SIGKILL
    scene.start(victim)
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    history = await scene.judge()
    if point == "relay.after_send":  # it really died between the two
        places = [(each.key, each.place) for each in history.published]
        assert len(places) > len(set(places))


def test_every_named_place_is_in_the_code_and_every_place_in_the_code_is_tried_where_it_is_come_by() -> None:
    """A place of one service in that one, a place of all in all, and one of readers in each that reads anything."""
    called: dict[str, set[str]] = defaultdict(set)
    for name, services in _called():  # a place may be in several files
        called[name] |= services
    assert set(called) == set(POINTS)
    assert {name: set(services) for name, services in TRIED_IN.items()} == called


# What a service does by itself: a place of its own that each comes by before it commits or after it has sent, under load.
COMES_BY_IT = {
    "work_by_itself": ("membership", "days.turned"),
    "deliver_webhooks": ("notifications", "delivery.after_send"),
    "send_messages": ("notifications", "stages.opened"),
    "open_awards_of_new_years": ("funding", "year.looked_at"),
    "watch_calls": ("membership", "call.passed_on"),
    "keep_people_topic_right": ("membership", "people.said_again"),
}


def test_whoever_works_by_himself_comes_by_a_place_of_his_own() -> None:
    """Who is added to a service is missed here."""
    work = {
        worker.__name__: service
        for service in SERVICES
        for worker in importlib.import_module(f"services.{service}.app").build().workers
    }
    assert set(work) == set(COMES_BY_IT)
    for name, (service, point) in COMES_BY_IT.items():
        assert (work[name], service in TRIED_IN[point]) == (service, True)


def _called() -> Iterator[tuple[str, set[str]]]:
    """The names of the places that the product comes by, and the services that do."""
    for file in (*(ROOT / "shared").rglob("*.py"), *(ROOT / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crash_point":
                assert isinstance(node.args[0], ast.Constant), f"{file} names a place that can't be read"
                yield str(node.args[0].value), _who_comes_by(file.relative_to(ROOT))


def _who_comes_by(file: Path) -> set[str]:
    if file.parts[0] == "services":
        return {file.parts[1]}
    return set(TOPICS) if file.name == "consumer.py" else set(SERVICES)


COMES_BY = "from shared.crash import crash_point; crash_point('relay.after_send'); crash_point('relay.before_send')"


@pytest.mark.parametrize(("told", "by"), [("", signal.SIGKILL), ("pause ", signal.SIGSTOP)])
def test_a_running_process_obeys_once_at_the_place_that_a_file_names(told: str, by: int, tmp_path: Path) -> None:
    file = tmp_path / "crash"
    file.write_text(f"{told}relay.before_send\n")
    process = subprocess.Popen([sys.executable, "-c", COMES_BY], cwd=ROOT, env={**os.environ, "CRASH_FILE": str(file)})
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert (os.WSTOPSIG(status) if os.WIFSTOPPED(status) else os.WTERMSIG(status)) == by
    assert not file.exists()
    if os.WIFSTOPPED(status):
        os.kill(process.pid, signal.SIGCONT)
        assert os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1]) == 0
