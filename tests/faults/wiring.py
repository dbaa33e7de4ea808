"""The stack as it is under faults: a proxy before each server, a disk of its own for each, and a file to die by."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from infra.local.ports import HOST, SERVICES
from infra.local.programs import ServicePrograms
from infra.local.stack import Stack
from tests.faults.disk import Disk


@dataclass(frozen=True)
class ThroughProxies(ServicePrograms):
    """The services reach their database through a proxy; that they reach the broker so is the broker's own word."""

    database_port: int = 0
    broker_port: int = 0

    def environment(self, service: str, *, owner: bool = False) -> dict[str, str]:
        found = super().environment(service, owner=owner)
        found["CONSORTIA_DATABASE_URL"] = found["CONSORTIA_DATABASE_URL"].replace(
            f"{HOST}:{self.postgres.port}", f"{HOST}:{self.database_port}"
        )
        found["CONSORTIA_KAFKA_BOOTSTRAP"] = f"{HOST}:{self.broker_port}"
        found["CRASH_FILE"] = str(crash_file(self.state, service))
        return found


def crash_file(state: Path, service: str) -> Path:
    return state / "run" / f"crash-{service}"


class FaultyStack(Stack):
    """A stack whose servers stand behind proxies and, where the machine allows it, on disks of their own."""

    def __init__(
        self, data: Path, base: int, *, database_port: int, broker_port: int, disks: dict[str, Disk], **more: Any
    ):
        super().__init__(data, base, tracing=False, test_clock=True, **more)
        self._database_port = database_port
        self._broker_port = broker_port
        self._disks = disks

    def _configure(self) -> None:
        super()._configure()
        self.kafka.advertised = self._broker_port
        self.mailbox.kept = 1_000_000  # each is looked for at the end
        if "postgres" in self._disks:
            self.postgres.data = self._disks["postgres"].at / "data"
            seen_as = self.state / "postgres"  # where those look who end what a killed run has left
            if not seen_as.is_symlink():
                seen_as.symlink_to(self.postgres.data)
        whole = {each.name: getattr(self.programs, each.name) for each in fields(self.programs)}
        self.programs = ThroughProxies(**whole, database_port=self._database_port, broker_port=self._broker_port)

    def logs(self) -> dict[str, Path]:
        return {name: self.state / "logs" / f"{name}.log" for name in (*SERVICES, "kafka", "postgres")}


def past_the_proxy(admin: AIOKafkaAdminClient, port: int) -> None:
    """The broker sends everybody on to the proxy, which may be shut when we have to ask what became of the services."""
    cluster = admin._client.cluster
    as_told = cluster.broker_metadata

    def straight(node: int) -> Any:
        found = as_told(node)
        return found and found._replace(host=HOST, port=port)

    cluster.broker_metadata = straight
