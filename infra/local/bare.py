"""PostgreSQL and Kafka alone, in one folder, run by the calling process itself: what tests and benchmarks need.

The whole product, with supervision and services, is `infra.local.stack`.
"""

import os
import signal
import subprocess
import threading
from functools import partial
from pathlib import Path
from typing import Any

from infra.local import launch
from infra.local.kafka import Kafka
from infra.local.ports import Ports, free_base
from infra.local.postgres import ENVIRONMENT, Postgres
from infra.local.secret import Secrets


class BareStack:
    """Two servers on free ports. `up` returns when both answer; `down` stops both, however they fared."""

    def __init__(self, folder: Path, *, for_tests: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL runs as nobody when we are root, and must reach its own folder in this one
        self.folder = folder
        self.ports = Ports(free_base())
        self.secrets = Secrets(folder / "secrets.json")
        self.postgres = Postgres(folder, self.ports.postgres, self.secrets, for_tests=for_tests)
        self.kafka = Kafka(folder, self.ports.kafka, self.ports.kafka_controller, self.secrets)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def up(self) -> None:
        (self.folder / "logs").mkdir(exist_ok=True)
        try:
            self.postgres.prepare()
            self.start_postgres()
            self.kafka.prepare()
            self.start_kafka()
            self.postgres.wait_until_ready()
            self.kafka.wait_until_ready()
        except BaseException:
            self.down()
            raise

    def start_postgres(self) -> None:
        # An immediate stop: what it held was for a run that is dead, and it takes its own children with it.
        self._start("postgres", self.postgres.command, signal.SIGQUIT, env=ENVIRONMENT, **self.postgres.as_user)

    def start_kafka(self) -> None:
        self._start("kafka", self.kafka.command)

    def _start(self, name: str, command: list[str], dies_by: int = signal.SIGKILL, **how: Any) -> None:
        """If we are killed, it ends too: nobody is left to stop it."""
        in_main = threading.current_thread() is threading.main_thread()
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                preexec_fn=partial(launch.die_with_parent, dies_by) if in_main else None,
                **how,
            )

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str, with_signal: int = signal.SIGKILL) -> None:
        """Send a signal; after one that ends the process, wait until it is gone, or a restart finds its lock file."""
        process = self._running[name]
        os.kill(process.pid, with_signal)
        if with_signal in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            process.wait(60)

    def down(self) -> None:
        """Kafka first, PostgreSQL last and with SIGINT: SIGTERM would wait for every client to leave."""
        for name, with_signal in (("kafka", signal.SIGTERM), ("postgres", signal.SIGINT)):
            process = self._running.pop(name, None)
            if process is None or process.poll() is not None:
                continue
            process.send_signal(signal.SIGCONT)
            process.send_signal(with_signal)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
