"""Which port is whose, from one base, and who holds a port that should be free."""

import random
import socket
from dataclasses import dataclass

import psutil

from infra.local.trouble import Trouble

SERVICES = ("membership", "meetings", "funding", "notifications")
DEFAULT_BASE = 29000
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """The port table: two stacks with bases a hundred apart run side by side."""

    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= 65400:
            raise Trouble(f"{self.base} is no base for the ports of a stack", "Choose one from 1024 to 65400.")

    def service(self, name: str, role: str | None = None) -> int:
        """Where a service listens; of one that runs apart, where its process of a role does."""
        return self.base + 1 + SERVICES.index(name) + {"consumer": 10, "relay": 20}.get(role or "web", 0)

    @property
    def postgres(self) -> int:
        return self.base + 32

    @property
    def kafka(self) -> int:
        return self.base + 92

    @property
    def kafka_controller(self) -> int:
        return self.base + 93

    @property
    def zipkin(self) -> int:
        return self.base + 94

    @property
    def smtp(self) -> int:
        """The mailbox's mail server, which delivers nowhere."""
        return self.base + 25

    @property
    def mailbox(self) -> int:
        """The mailbox's page."""
        return self.base + 80

    @property
    def supervisor(self) -> int:
        return self.base + 95

    def table(self) -> dict[str, int]:
        """Every port of the stack by the name that a person would use for it."""
        return {
            **{name: self.service(name) for name in SERVICES},
            "postgres": self.postgres,
            "kafka": self.kafka,
            "kafka controller": self.kafka_controller,
            "zipkin": self.zipkin,
            "mailbox": self.mailbox,
            "mail server": self.smtp,
            "supervisor": self.supervisor,
        }


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now, as PostgreSQL and Kafka would (they reuse addresses too)."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
        return True


def holder(port: int) -> str:
    """The process that listens on a port, as well as this user may know it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        listening = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        if listening and connection.pid:
            try:
                process = psutil.Process(connection.pid)
                return f"{process.name()} (process {connection.pid}: {' '.join(process.cmdline())[:120]})"
            except psutil.Error:
                return f"process {connection.pid}"
    return "another user's process"


def require_free(wanted: dict[str, int]) -> None:
    """Refuse to start anything while one of the ports is taken, and name who has it."""
    for name, port in wanted.items():
        if not is_free(port):
            raise Trouble(
                f"Port {port}, wanted for {name}, is held by {holder(port)}",
                "Stop that process, or choose other ports with --port-base.",
            )


def free_base() -> int:
    """A base whose whole table is free now. Below the range that the kernel hands out to clients."""
    bases = list(range(15000, 32000, 100))
    random.shuffle(bases)
    for base in bases:
        if all(is_free(port) for port in Ports(base).table().values()):
            return base
    raise Trouble("No hundred of free ports was found between 15000 and 32000", "Stop what holds them.")
