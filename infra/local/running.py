"""A stack as tests and commands see it: where everything is, and what can be done with its programs."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from infra.local.folder import StateFolder
from infra.local.kafka import Kafka
from infra.local.keys import read_tokens
from infra.local.mailbox import Mailbox
from infra.local.ports import DEFAULT_BASE, HOST, SERVICES, Ports
from infra.local.postgres import Postgres
from infra.local.programs import ROLES, ROOT, ServicePrograms
from infra.local.secret import Secrets
from infra.local.supervision import Supervisor
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until
from infra.local.zipkin import Zipkin


def _silent(step: str) -> None:
    """Say nothing of the steps."""


class RunningStack:
    """The parts of one stack, by folder and ports. Starting and stopping it whole is `Stack`'s."""

    def __init__(
        self,
        data: Path,
        port_base: int | None = None,
        tracing: bool = True,
        *,
        services: Sequence[str] = SERVICES,
        apart: Sequence[str] = (),
        test_clock: bool = False,
        webhook_allow: Sequence[str] = (),
        extra_environment: dict[str, str] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> None:
        self.folder = StateFolder(data)
        self.state = self.folder.path
        self.tracing = tracing
        self.services = tuple(services)
        self.apart = tuple(apart)
        self.test_clock = test_clock
        self.webhook_allow = tuple(webhook_allow)
        self.extra_environment = extra_environment or {}
        self.say = say
        self.ports = Ports(port_base or self._last_base() or DEFAULT_BASE)
        self.tokens: dict[str, str] = {}

    @classmethod
    def attached(cls, data: Path) -> "RunningStack":
        """A running stack of another process: to ask it, or to stop and start its services; not to take it down."""
        found = json.loads((data.absolute() / "run" / "stack.json").read_text())
        stack = cls(
            data,
            found["port_base"],
            found["tracing"],
            services=found["services"],
            apart=found["apart"],
            test_clock=found["test_clock"],
            webhook_allow=found["webhook_allow"],
            extra_environment=found["extra_environment"],
        )
        stack._configure()
        stack.tokens = read_tokens(stack.state)
        stack.supervisor.programs = {each.name: each for each in stack.programs.all(stack.services)}
        return stack

    def _configure(self) -> None:
        self.secrets = Secrets(self.state / "secrets.json")
        self.postgres = Postgres(self.state, self.ports.postgres, self.secrets)
        self.kafka = Kafka(self.state, self.ports.kafka, self.ports.kafka_controller, self.secrets)
        self.zipkin = Zipkin(self.state, self.ports.zipkin) if self.tracing else None
        self.mailbox = Mailbox(self.state, self.ports.smtp, self.ports.mailbox, self.secrets)
        self.programs = ServicePrograms(
            self.state,
            self.ports,
            self.secrets,
            self.postgres,
            self.kafka,
            self.zipkin,
            self.mailbox,
            self.test_clock,
            self.webhook_allow,
            self.apart,
            self.extra_environment,
        )
        self.supervisor = Supervisor(self.state, self.ports.supervisor, self.secrets)

    def names(self, service: str) -> list[str]:
        """The programs of a service: its own name, or one for each role where they run apart."""
        return [program.name for program in self.programs.of(service)]

    def start_service(self, service: str, *, wait: bool = True) -> None:
        for name in self.names(service):
            self.supervisor.start_program(name)
        if wait:
            self.wait_until_ready(service)

    def stop_service(self, service: str) -> None:
        self.supervisor.stop_all(self.names(service))

    def rebuild(self, service: str, *, compare_only: bool = False) -> str:
        """Replay the service's projections as the owner, its own programs stopped meanwhile; the report."""
        self.stop_service(service)
        try:
            done = subprocess.run(
                [sys.executable, "-m", f"services.{service}", "rebuild", *(["--compare-only"] if compare_only else [])],
                env=self.environment(service, owner=True),
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            self.start_service(service)
        if done.returncode:
            raise Trouble(f"{service} could not be rebuilt: {(done.stderr or done.stdout).strip()[-2000:]}")
        return done.stdout.strip()

    def wait_until_ready(self, service: str, seconds: float = 120) -> None:
        log = self.state / "logs" / f"{self.names(service)[0]}.log"
        wait_until(lambda: self.is_ready(service), seconds, f"{service} was not ready", log, every=0.1)

    def is_ready(self, service: str) -> bool:
        """Whether each of its processes says that it is ready."""
        roles = ROLES if service in self.apart else ("web",)
        return all(_answers_well(f"http://{HOST}:{self.ports.service(service, role)}/readyz") for role in roles)

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports.service(service)}"

    def token(self, name: str) -> str:
        """By role (`la.officer`, `demo`) or department (`937.finance`)."""
        return self.tokens[name]

    def database_url(self, service: str) -> str:
        return self.postgres.url(service, "app")

    def owner_url(self, service: str) -> str:
        return self.postgres.url(service, "owner")

    def environment(self, service: str, *, owner: bool = False) -> dict[str, str]:
        """For running a process of the service by hand."""
        return self.programs.environment(service, owner=owner)

    def kafka_client(self, user: str) -> dict[str, Any]:
        """aiokafka's connection settings of a service, a department (`937.finance`) or `admin`."""
        return {
            "bootstrap_servers": self.kafka.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": self.secrets[f"kafka {user}"],
        }

    def pid(self, name: str) -> int | None:
        """The process of a program (`postgres`, `kafka`, `zipkin`, `mailbox`, a service, `meetings-relay`), or of `supervisor`."""
        if name == "supervisor":
            return self.supervisor.process.pid if self.supervisor.process else None
        return self.supervisor.pid(name)

    def kill(self, name: str, with_signal: int = signal.SIGKILL) -> int:
        """Send a signal to a program and give back the process that got it. The supervisor restarts what dies."""
        pid = self.pid(name)
        if pid is None:
            raise Trouble(f"{name} is not running")
        process = psutil.Process(pid)
        os.kill(pid, with_signal)
        if with_signal == signal.SIGKILL:
            process.wait(30)
        return pid

    def _described(self) -> dict[str, Any]:
        """What the other commands need to find this stack."""
        return {
            "port_base": self.ports.base,
            "tracing": self.tracing,
            "services": list(self.services),
            "apart": list(self.apart),
            "test_clock": self.test_clock,
            "webhook_allow": list(self.webhook_allow),
            "extra_environment": self.extra_environment,
        }

    def _last_base(self) -> int | None:
        try:
            found: int = json.loads((self.state / "run" / "stack.json").read_text())["port_base"]
        except (OSError, ValueError, KeyError):
            return None
        return found


def _answers_well(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
