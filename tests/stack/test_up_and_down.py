"""`up` and `down` as a person runs them: refusals with a cure, and going on after anything was killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.local import jars
from infra.local.launch import die_with_parent
from infra.local.ports import Ports, free_base
from infra.local.programs import ROOT
from infra.local.running import RunningStack
from infra.local.survivors import survivors
from tests.eventually import eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

BARE = {"postgres", "kafka", "mailbox"}  # what runs without the services


class Command:
    """`python -m infra.local up` in a folder with a space in its name, without services."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.parent = data.parent
        self.base = free_base()
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "infra.local", *arguments, "--data", str(self.data)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    def refused(self, *arguments: str) -> str:
        """Run `up` where it must refuse; its words."""
        done = self.run("up", "--services", "none", "--no-tracing", "--port-base", str(self.base), *arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def up(self) -> None:
        command = [sys.executable, "-m", "infra.local", "up", "--services", "none", "--no-tracing"]
        command += ["--data", str(self.data), "--port-base", str(self.base)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, signal.SIGTERM),  # a test run that is killed leaves no stack behind
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ctrl-C stops everything" in line:
                return
        raise AssertionError("".join(said))

    def status(self) -> dict[str, dict[str, Any]]:
        found = json.loads(self.run("status", "--json").stdout)
        return {each["name"]: each for each in found["programs"]}

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(with_signal)
        return self.process.wait(60)

    def clear(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.run("down")
        shutil.rmtree(self.parent, ignore_errors=True)


@pytest.fixture
def command() -> Iterator[Command]:
    parent = Path(tempfile.mkdtemp(prefix="consortia up "))
    parent.chmod(0o755)
    found = Command(parent / "a stack")
    yield found
    found.clear()


def test_a_taken_port_is_refused_with_its_holder_and_nothing_is_left(command: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", Ports(command.base).kafka))
        other.listen()
        said = command.refused()
    assert f"Port {command.base + 92}, wanted for kafka, is held by" in said
    assert f"process {os.getpid()}" in said
    assert "--port-base" in said
    assert not command.data.exists()
    assert survivors(command.data) == []


def test_a_folder_that_cannot_be_written_is_refused(command: Command) -> None:
    command.data.parent.joinpath("file").write_text("in the way")
    command.data = command.data.parent / "file" / "stack"
    said = command.refused()
    assert "cannot be written" in said
    assert "--data" in said


def test_a_full_disk_is_refused_before_anything_is_started(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.local.folder import StateFolder
    from infra.local.trouble import Trouble

    full = shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(Trouble, match=r"is full: 5 MB are free, 700 MB are needed\. Free some space"):
        StateFolder(command.data).open()
    assert not command.data.exists()


def test_a_corrupt_archive_is_noticed_and_fetched_again(tmp_path: Path) -> None:
    """A flipped bit never reaches the Java runtime."""
    small = min(jars.read_lock(jars.KAFKA_LOCK), key=lambda jar: jar.size)
    lock = tmp_path / "one.lock"
    lock.write_text(f"{small.coordinate} {small.sha256} {small.size}\n")
    (path,) = jars.fetch(lock, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(b"\0" + whole[1:])
    assert jars.missing(lock, tmp_path) == [small]
    jars.fetch(lock, tmp_path)
    assert path.read_bytes() == whole


def test_an_archive_that_is_not_what_the_lock_names_is_never_installed(tmp_path: Path) -> None:
    from infra.local.trouble import Trouble

    small = min(jars.read_lock(jars.KAFKA_LOCK), key=lambda jar: jar.size)
    lock = tmp_path / "one.lock"
    lock.write_text(f"{small.coordinate} {'0' * 64} {small.size}\n")
    with pytest.raises(Trouble, match="its sha256 differs"):
        jars.fetch(lock, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.lock"]


def test_a_missing_archive_without_a_network_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.local.trouble import Trouble

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    small = min(jars.read_lock(jars.KAFKA_LOCK), key=lambda jar: jar.size)
    lock = tmp_path / "one.lock"
    lock.write_text(f"{small.coordinate} {small.sha256} {small.size}\n")
    with pytest.raises(Trouble, match=r"could not be fetched.*Check the network"):
        jars.fetch(lock, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.lock"]


@pytest.fixture(scope="module")
def standing() -> Iterator[Command]:
    """One stack that the tests below use in turn, each leaving it up."""
    parent = Path(tempfile.mkdtemp(prefix="consortia up "))
    parent.chmod(0o755)
    found = Command(parent / "a stack")
    found.up()
    yield found
    found.clear()


def processes(command: Command) -> dict[str, int | None]:
    stack = RunningStack.attached(command.data)
    return {name: stack.pid(name) for name in ("postgres", "kafka")}


def all_restarted(command: Command, before: dict[str, int | None]) -> bool:
    """Whether both servers run, as other processes than before, and answer."""
    try:
        now = processes(command)
    except OSError:  # while the supervisor is being started again
        return False
    stack = RunningStack.attached(command.data)
    others = all(now[name] and now[name] != before[name] for name in before)
    return others and stack.postgres.is_ready() and stack.kafka.is_ready()


def test_a_second_up_in_the_same_folder_is_refused(standing: Command) -> None:
    said = standing.refused()
    assert "is in use by `up`" in said
    assert "Stop it with `down`" in said
    assert {each["state"] for each in standing.status().values()} == {"RUNNING"}


async def test_a_server_that_is_killed_is_started_again(standing: Command) -> None:
    before = processes(standing)
    for pid in before.values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    await eventually(lambda: all_restarted(standing, before))


async def test_after_the_death_of_the_supervisor_everything_is_started_again(standing: Command) -> None:
    before = processes(standing)
    (supervisor,) = (p for p in survivors(standing.data) if "supervisord" in " ".join(p.cmdline()))
    supervisor.kill()
    await eventually(lambda: all_restarted(standing, before))


def test_after_the_death_of_up_itself_the_next_one_copes_with_who_is_left(standing: Command) -> None:
    secrets = (standing.data / "secrets.json").read_text()
    assert standing.process is not None
    standing.process.kill()
    standing.process.wait()
    standing.up()
    assert set(standing.status()) == BARE
    assert (standing.data / "secrets.json").read_text() == secrets


def test_two_stacks_run_side_by_side_and_ctrl_c_stops_one(standing: Command, command: Command) -> None:
    command.up()
    running = [*standing.status().values(), *command.status().values()]
    assert [each["state"] for each in running] == ["RUNNING"] * (2 * len(BARE))
    assert command.stop(signal.SIGINT) == 0
    assert survivors(command.data) == []
    assert not (command.data / "postgres" / "postmaster.pid").exists()
    assert {each["state"] for each in standing.status().values()} == {"RUNNING"}


def test_down_from_another_terminal_stops_everything(standing: Command) -> None:
    """`down` sends SIGTERM to `up`, which stops in order and ends well."""
    assert standing.run("down").stdout.startswith("Stopped: up")
    assert standing.process is not None
    assert standing.process.wait(10) == 0
    assert survivors(standing.data) == []
    assert not (standing.data / "postgres" / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_needs_nothing_of_roots(command: Command) -> None:
    """As `nobody`, with a home that cannot be written and archives that somebody else fetched."""
    jars.fetch(jars.KAFKA_LOCK)
    home = command.data.parent
    os.chown(home, 65534, 65534)
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from infra.local.stack import Stack\n"
        f"stack = Stack(Path({str(command.data)!r}), {command.base}, False, services=())\n"
        "stack.up(); print('up', stack.postgres.pid(), stack.pid('kafka')); stack.down(); print('down')\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "CONSORTIA_CACHE": str(jars.cache_folder())}
    if not reachable_for_nobody(Path(sys.executable), ROOT, jars.cache_folder()):
        pytest.skip("this checkout or its Python cannot be reached by another user")
    done = subprocess.run(
        [sys.executable, "-c", script],
        user=65534,
        group=65534,
        extra_groups=[],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "up"
    assert done.stdout.split()[-1] == "down"


def reachable_for_nobody(*paths: Path) -> bool:
    asked = [["test", "-r", str(path)] for path in paths]
    return all(
        subprocess.run(each, user=65534, group=65534, extra_groups=[], cwd="/", check=False).returncode == 0
        for each in asked
    )
