"""One whole stack in one folder: servers, topics, databases and services, started in order and stopped in order.

`python -m infra.local up` runs one in the foreground; tests and the demo run theirs with this class, side by side.
"""

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

from infra.local import jars, survivors
from infra.local.access import Topic, make_topics, make_users
from infra.local.databases import make_database, make_roles
from infra.local.folder import StateFolder
from infra.local.kafka import Kafka
from infra.local.keys import department_user, make_tokens
from infra.local.ports import DEFAULT_BASE, HOST, SERVICES, Ports, require_free
from infra.local.postgres import Postgres
from infra.local.programs import ROOT, ServicePrograms
from infra.local.secret import Secrets
from infra.local.supervision import Supervisor, base_environment
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until
from infra.local.zipkin import Zipkin


def _silent(step: str) -> None:
    """Say nothing of the steps."""


class Stack:
    """A stack that this process starts and stops. `up` continues from whatever an earlier one left in the folder."""

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

    def __enter__(self) -> "Stack":
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Start everything and return when every service says that it is ready. Stops what it began if it fails."""
        self.folder.open()
        try:
            self._check_and_fetch()
        except BaseException:
            self.folder.close()
            if not self.folder.was_there:
                self.folder.remove()
            raise
        try:
            self._start()
        except BaseException:
            self.down()
            raise

    def _check_and_fetch(self) -> None:
        """Whatever may be wrong with the machine shows here, before anything is started."""
        if left := survivors.end(self.state):
            self.say(f"Stopped what an earlier run had left: {', '.join(left)}")
        self._configure()
        require_free(self._wanted_ports())
        self.postgres.require_reach()
        self.say("Fetching and checking Java archives")
        jars.fetch(jars.KAFKA_LOCK)
        if self.zipkin:
            jars.fetch(jars.ZIPKIN_LOCK)

    def _start(self) -> None:
        self.kafka.prepare()
        self.say("Starting PostgreSQL, Kafka" + (" and Zipkin" if self.zipkin else ""))
        self.postgres.prepare()
        self.supervisor.start(self.programs.all(self.services))
        (self.state / "run" / "stack.json").write_text(json.dumps(self._described(), indent=1))
        for program in self.programs.servers():
            self.supervisor.start_program(program.name)
        self.postgres.wait_until_ready()
        make_roles(self.postgres, SERVICES)
        for service in SERVICES:
            make_database(self.postgres, service)
        self.kafka.wait_until_ready()
        self.say("Making topics and their access rules")
        self._make_topics()
        self.say("Bringing the databases up to date")
        self.migrate()
        if self.zipkin:
            self.zipkin.wait_until_ready()
        self.say("Starting the services")
        for service in self.services:
            self.start_service(service, wait=False)
        for service in self.services:
            self.wait_until_ready(service)

    def _configure(self) -> None:
        self.secrets = Secrets(self.state / "secrets.json")
        self.postgres = Postgres(self.state, self.ports.postgres, self.secrets)
        self.kafka = Kafka(self.state, self.ports.kafka, self.ports.kafka_controller, self.secrets)
        self.zipkin = Zipkin(self.state, self.ports.zipkin) if self.tracing else None
        self.programs = ServicePrograms(
            self.state,
            self.ports,
            self.secrets,
            self.postgres,
            self.kafka,
            self.zipkin,
            self.test_clock,
            self.webhook_allow,
            self.apart,
            self.extra_environment,
        )
        self.supervisor = Supervisor(self.state, self.ports.supervisor, self.secrets)

    def _wanted_ports(self) -> dict[str, int]:
        table = self.ports.table()
        absent = set(SERVICES) - set(self.services) | (set() if self.tracing else {"zipkin"})
        return {name: port for name, port in table.items() if name not in absent}

    def _make_topics(self) -> None:
        from shared.contracts.topics import all_topics

        declared = all_topics()
        places = sorted({(each.authority, each.department) for each in declared if each.authority and each.department})
        make_users(self.kafka, [*SERVICES, *(department_user(*place) for place in places)])
        self.tokens = make_tokens(
            self.state, sorted({place[0] for place in places}), sorted({place[1] for place in places})
        )
        make_topics(
            self.kafka,
            [
                Topic(
                    each.name,
                    each.partitions,
                    each.producers,
                    # A department's name alone would be the same user in two authorities.
                    (department_user(each.authority, each.department),)
                    if each.authority and each.department
                    else each.consumers,
                    each.kafka_config,
                )
                for each in declared
            ],
        )

    def migrate(self) -> None:
        """Each service in a process of its own, at the same time: they share nothing."""
        running = {
            service: subprocess.Popen(
                [sys.executable, "-m", f"services.{service}", "migrate"],
                env=self.programs.environment(service, owner=True),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for service in self.services
        }
        for service, process in running.items():
            said, _ = process.communicate(timeout=120)
            (self.state / "logs" / f"{service}-migrate.log").write_text(said)
            if process.returncode:
                raise Trouble(f"The database of {service} could not be brought up to date:\n{said[-2000:]}")

    def down(self) -> None:
        """Services, then Kafka and Zipkin, then PostgreSQL; also whatever escaped the supervisor."""
        try:
            if hasattr(self, "supervisor") and self.supervisor.process and self.supervisor.is_answering():
                names = list(self.supervisor.programs)
                self.supervisor.stop_all([name for name in names if name not in ("postgres", "kafka", "zipkin")])
                self.supervisor.stop_all([name for name in names if name in ("kafka", "zipkin")])
                self.supervisor.stop_all(["postgres"])
                self.supervisor.shut_down()
        except (OSError, Trouble, subprocess.TimeoutExpired):
            pass  # whoever is left is ended by force below
        finally:
            survivors.end(self.state)
            if hasattr(self, "supervisor") and self.supervisor.process:
                self.supervisor.process.wait(30)
            self.folder.close()

    def is_supervised(self) -> bool:
        """Whether the supervisor lives; without it nothing would be restarted."""
        return self.supervisor.process is not None and self.supervisor.process.poll() is None

    def start_again(self) -> None:
        """After the death of the supervisor: end whoever is left and start everything from the folder."""
        if self.supervisor.process:
            self.supervisor.process.wait(10)
        self._check_and_fetch()
        self._start()

    # What tests and commands ask of a running stack.

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

    def wait_until_ready(self, service: str, seconds: float = 60) -> None:
        wait_until(
            lambda: self.is_ready(service), seconds, f"{service} was not ready", self.state / "logs" / f"{service}.log"
        )

    def is_ready(self, service: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url(service)}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

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
        """The process of a program (`postgres`, `kafka`, `zipkin`, a service, `meetings-relay`), or of `supervisor`."""
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
            "environment": base_environment(),
        }

    def _last_base(self) -> int | None:
        try:
            found: int = json.loads((self.state / "run" / "stack.json").read_text())["port_base"]
        except (OSError, ValueError, KeyError):
            return None
        return found
