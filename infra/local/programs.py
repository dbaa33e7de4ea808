"""The programs of one stack as the supervisor is to run them: two servers, the mailbox, the tracing dashboard, four services."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.kafka import Kafka
from infra.local.mailbox import Mailbox
from infra.local.ports import HOST, Ports
from infra.local.postgres import ENVIRONMENT, Postgres
from infra.local.secret import Secrets
from infra.local.supervision import Program, base_environment
from infra.local.zipkin import Zipkin

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("web", "consumer", "relay")


@dataclass(frozen=True)
class ServicePrograms:
    """How the processes of the services are started, and what their environment says."""

    state: Path
    ports: Ports
    secrets: Secrets
    postgres: Postgres
    kafka: Kafka
    zipkin: Zipkin | None
    mailbox: Mailbox
    test_clock: bool = False
    webhook_allow: tuple[str, ...] = ()
    # Services whose web, consumer and relay run as a process each: crash tests kill one of them.
    apart: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)

    def environment(self, service: str, *, owner: bool = False) -> dict[str, str]:
        """The environment of one service; with `owner`, that of its migrations and rebuilds."""
        tracing = {"OTEL_TRACES_EXPORTER": "none"}
        if self.zipkin:
            tracing = {
                "OTEL_TRACES_EXPORTER": "zipkin",
                "OTEL_EXPORTER_ZIPKIN_ENDPOINT": self.zipkin.collector,
                "CONSORTIA_ZIPKIN_URL": self.zipkin.url,
            }
        post = self.mailbox.for_notifications if service == "notifications" else {}
        if post and self.test_clock:
            post["CONSORTIA_MESSAGE_SETTLE_SECONDS"] = "0.1"  # days go by in moments
        secret = {"CONSORTIA_OWNER_DATABASE_URL": self.postgres.url(service, "owner")} if owner else {}
        return {
            **base_environment(),
            "PYTHONUNBUFFERED": "1",
            "CONSORTIA_DATABASE_URL": self.postgres.url(service, "app"),
            "CONSORTIA_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "CONSORTIA_KAFKA_USERNAME": service,
            "CONSORTIA_KAFKA_PASSWORD": self.secrets[f"kafka {service}"],
            "CONSORTIA_HTTP_HOST": HOST,
            "CONSORTIA_HTTP_PORT": str(self.ports.service(service)),
            "CONSORTIA_REPLICA": "0",
            "CONSORTIA_TOKEN_KEY": str(self.state / "token.public"),
            "CONSORTIA_TEST_CLOCK": "1" if self.test_clock else "0",
            "CONSORTIA_WEBHOOK_ALLOW": ",".join(self.webhook_allow),
            **post,
            **tracing,
            **secret,
            **self.extra,
        }

    def of(self, service: str) -> list[Program]:
        """The programs of one service: one, or one for each role."""
        command = [sys.executable, "-m", f"services.{service}"]
        if service not in self.apart:
            return [Program(service, command, self.environment(service), str(ROOT))]
        return [
            Program(
                f"{service}-{role}",
                [*command, "--roles", role],
                self.environment(service) | {"CONSORTIA_HTTP_PORT": str(self.ports.service(service, role))},
                str(ROOT),
            )
            for role in ROLES
        ]

    def servers(self) -> list[Program]:
        """PostgreSQL is told to stop by SIGINT, and last: SIGTERM would wait for every client to leave."""
        account = "nobody" if self.postgres.as_user else None
        found = [
            Program("postgres", self.postgres.command, ENVIRONMENT, "/", account, "INT", 30, 1),
            Program(
                "kafka",
                self.kafka.command,
                base_environment(),
                stop_seconds=30,
                priority=10,
                disk=str(self.kafka.folder),
            ),
        ]
        mailbox = base_environment() | self.mailbox.environment
        found.append(Program("mailbox", self.mailbox.command, mailbox, str(ROOT), stop_seconds=5, priority=20))
        if self.zipkin:
            environment = base_environment() | self.zipkin.environment
            found.append(Program("zipkin", self.zipkin.command, environment, stop_seconds=10, priority=20))
        return found

    def all(self, services: Iterable[str]) -> list[Program]:
        return self.servers() + [program for service in services for program in self.of(service)]
