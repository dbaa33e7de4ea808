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
from pathlib import Path
from typing import Any

import pytest

from infra.local import jars
from infra.local.ports import Ports, free_base
from infra.local.programs import ROOT
from infra.local.survivors import survivors
from tests.eventually import eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


class Command:
    """`python -m infra.local up` in a folder with a space in its name, without services."""

    def __init__(self, data: Path) -> None:
        self.data = data
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
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
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
        shutil.rmtree(self.data.parent, ignore_errors=True)


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


async def test_a_stack_goes_on_after_anything_was_killed(command: Command) -> None:
    """One stack through it all: stop, continue, kill -9 of each part in turn, a second `up` refused."""
    command.up()
    secrets = (command.data / "secrets.json").read_text()
    assert "is in use by `up`" in command.refused()

    # A program that dies is started again, and is another process.
    before = command.status()
    for name in ("postgres", "kafka"):
        os.kill(before[name]["pid"], signal.SIGKILL)
    await eventually(lambda: restarted(command.status(), before), 30)

    # Its supervisor dies: `up` starts everything again.
    (supervisor,) = (p for p in survivors(command.data) if "supervisord" in " ".join(p.cmdline()))
    before = command.status()
    supervisor.kill()
    await eventually(lambda: restarted(answer(command), before), 60)

    # `up` itself dies: the next one copes with who is left.
    assert command.process is not None
    command.process.kill()
    command.process.wait()
    command.up()
    assert set(command.status()) == {"postgres", "kafka"}

    assert command.stop(signal.SIGTERM) == 0
    assert survivors(command.data) == []
    assert (command.data / "secrets.json").read_text() == secrets
    assert not (command.data / "postgres" / "postmaster.pid").exists()


def answer(command: Command) -> dict[str, dict[str, Any]]:
    done = command.run("status", "--json")
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)["programs"]}


def restarted(now: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]]) -> bool:
    return all(
        now[name]["state"] == "RUNNING" and now[name]["pid"] != before[name]["pid"] for name in ("postgres", "kafka")
    )


def test_two_stacks_run_side_by_side(command: Command) -> None:
    other = Command(command.data.parent / "another stack")
    try:
        command.up()
        other.up()
        assert {each["state"] for each in (*command.status().values(), *other.status().values())} == {"RUNNING"}
        assert other.run("down").stdout.startswith("Stopped: up")
        assert set(command.status()) == {"postgres", "kafka"}
        assert command.stop(signal.SIGINT) == 0, "Ctrl-C stops as cleanly as SIGTERM"
        assert survivors(command.data) == []
    finally:
        other.run("down")


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
