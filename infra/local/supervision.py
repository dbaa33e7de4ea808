"""The supervisor that keeps the programs of one stack running: a dead one is started again at once."""

import json
import os
import pwd
import signal
import subprocess
import sys
import threading
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from infra.local import launch
from infra.local.ports import HOST
from infra.local.secret import Secrets, write_private
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until

# Every process of a stack carries its folder in the environment: so the next `up` finds whoever survived a crash.
MARK = "CONSORTIA_STACK_FOLDER"
PROGRAM_FILE = Path(__file__).with_name("supervisord.py")

HEAD = """[supervisord]
nodaemon=true
{user}logfile={logs}/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
loglevel=info
pidfile={run}/supervisord.pid
childlogdir={logs}
[inet_http_server]
port={host}:{port}
username=consortia
password={password}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """[program:{name}]
command="{python}" "{launch}" "{description}"
priority={priority}
autostart=false
autorestart=true
startsecs=1
startretries=1000
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


@dataclass(frozen=True)
class Program:
    """One supervised process. Higher priorities start later and stop earlier."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: str = "/"
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    priority: int = 100
    disk: str | None = None  # a folder on the disk that must not be full when it starts


@dataclass
class Supervisor:
    """One supervisord of one stack, driven over its loopback port with a password."""

    state: Path
    port: int
    secrets: Secrets
    process: "subprocess.Popen[bytes] | None" = None
    programs: dict[str, Program] = field(default_factory=dict)

    def start(self, programs: list[Program]) -> None:
        """Start the supervisor itself; it starts no program before it is told."""
        self.programs = {program.name: program for program in programs}
        run, logs = self.state / "run", self.state / "logs"
        for program in programs:
            write_private(run / f"{program.name}.json", json.dumps(self._description(program)))
        write_private(run / "supervisord.conf", self._configuration(run, logs))
        command = [sys.executable, "-P", str(PROGRAM_FILE), "-n", "-c", str(run / "supervisord.conf")]
        # Only the main thread's end is the end of the process: a child of another thread would die with that thread.
        in_main = threading.current_thread() is threading.main_thread()
        with (logs / "supervisor.out").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**base_environment(), MARK: str(self.state)},
                start_new_session=True,
                preexec_fn=partial(launch.die_with_parent, signal.SIGTERM) if in_main else None,
            )
        started = self.process
        wait_until(
            lambda: started.poll() is not None or self.is_answering(),
            20,
            "The supervisor did not answer",
            logs / "supervisor.out",
        )
        if started.poll() is not None:
            last = (logs / "supervisor.out").read_text().strip().splitlines()[-1:] or ["it said nothing"]
            raise Trouble(f"The supervisor ended at once: {last[0]}", f"Its log is in {logs}.")

    def _description(self, program: Program) -> dict[str, Any]:
        account = pwd.getpwnam(program.user) if program.user else None
        return {
            "command": program.command,
            "environment": {**program.environment, MARK: str(self.state)},
            "folder": program.folder,
            "user": account.pw_uid if account else None,
            "group": account.pw_gid if account else None,
            "stop_signal": f"SIG{program.stop_signal}",
            "disk": program.disk,
        }

    def _configuration(self, run: Path, logs: Path) -> str:
        def quoted(text: object) -> str:
            return str(text).replace("%", "%%")

        parts = [
            HEAD.format(
                user="user=root\n" if os.geteuid() == 0 else "",
                logs=quoted(logs),
                run=quoted(run),
                host=HOST,
                port=self.port,
                password=self.secrets["supervisor"],
            )
        ]
        parts += [
            PROGRAM.format(
                name=program.name,
                python=quoted(sys.executable),
                launch=quoted(launch.__file__),
                description=quoted(run / f"{program.name}.json"),
                priority=program.priority,
                stop_signal=program.stop_signal,
                stop_seconds=program.stop_seconds,
                logs=quoted(logs),
            )
            for program in self.programs.values()
        ]
        return "".join(parts)

    @property
    def _remote(self) -> Any:
        address = f"http://consortia:{self.secrets['supervisor']}@{HOST}:{self.port}/RPC2"
        return xmlrpc.client.ServerProxy(address).supervisor

    def is_answering(self) -> bool:
        try:
            return self._remote.getState()["statename"] == "RUNNING"  # type: ignore[no-any-return]
        except (OSError, xmlrpc.client.Error):
            return False

    def states(self) -> dict[str, dict[str, Any]]:
        """What the supervisor knows of each program: statename, pid, start."""
        return {each["name"]: each for each in self._remote.getAllProcessInfo()}

    def pid(self, name: str) -> int | None:
        """The process now running under that name, or nothing while it is down."""
        found = self._remote.getProcessInfo(name)
        return found["pid"] if found["statename"] in ("RUNNING", "STARTING") else None

    def start_program(self, name: str) -> None:
        """Start it and return at once; whether it is ready is asked of the program itself."""
        try:
            self._remote.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def stop_all(self, names: Sequence[str]) -> None:
        """Tell all of them at once, then wait for each."""
        for name in names:
            try:
                self._remote.stopProcess(name, False)
            except xmlrpc.client.Fault as fault:
                if "NOT_RUNNING" not in fault.faultString:
                    raise
        for name in names:
            seconds = self.programs[name].stop_seconds + 10
            wait_until(partial(self._is_gone, name), seconds, f"{name} did not stop")

    def _is_gone(self, name: str) -> bool:
        return bool(self._remote.getProcessInfo(name)["pid"] == 0)

    def shut_down(self) -> None:
        self._remote.shutdown()
        if self.process:
            self.process.wait(60)


def base_environment() -> dict[str, str]:
    """Little of the caller's environment reaches the programs: what a shell has set must not change the product."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "CONSORTIA_CACHE") if name in os.environ}
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC", **kept}
