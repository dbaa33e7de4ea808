"""A test run that is killed leaves no server behind, and the next one clears its folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests import left_over
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]
RUN = """
import signal, sys
from pathlib import Path
from infra.local.bare import BareStack
bare = BareStack(Path(sys.argv[1]))
(bare.folder / "logs").mkdir()
bare._start("kafka", ["/bin/sleep", "600"], **({as_user}))
print(bare.pid("kafka"), flush=True)
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel tells no child that its parent is gone")
@pytest.mark.parametrize("as_user", ["{}", "bare.postgres.as_user"])
async def test_the_servers_of_a_run_that_is_killed_end_with_it(tmp_path: Path, as_user: str) -> None:
    """As nobody too, which is how PostgreSQL runs where we are root."""
    command = [sys.executable, "-c", RUN.replace("{as_user}", as_user), str(tmp_path / "a run")]
    run = subprocess.Popen(  # noqa: ASYNC220 - starting it takes no time that matters here
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert run.stdout is not None
    server = psutil.Process(int(run.stdout.readline()))
    try:
        assert server.name() == "sleep"
        os.kill(run.pid, signal.SIGKILL)
        run.wait(10)
        await eventually(lambda: _gone(server))
    finally:
        if server.is_running():
            server.kill()


async def _gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_folders_of_killed_runs_are_cleared_once_nobody_uses_them(tmp_path: Path) -> None:
    names = ["consortia test old", "consortia test young", "consortia test used", "consortia test kept", "other old"]
    old, young, used, kept, other = (tmp_path / name for name in names)
    for folder in (old, young, used, kept, other):
        folder.mkdir()
    (kept / left_over.KEPT).touch()
    for folder in (old, used, kept, other):
        for each in (*folder.iterdir(), folder):
            os.utime(each, (0, time.time() - left_over.STALE_AFTER - 1))
    sleeper = subprocess.Popen(["/bin/sleep", "600"], cwd=used)
    try:
        assert left_over.clear(tmp_path) == [old]
        assert sorted(tmp_path.iterdir()) == sorted([young, used, kept, other])
    finally:
        sleeper.kill()
        sleeper.wait()
