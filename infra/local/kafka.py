"""A real Apache Kafka 4.2 broker in KRaft mode on one node: SCRAM for every client, deny by default.

It runs from the jars of jars.lock on the Java runtime of the virtual environment; no Docker, no system Java.
"""

import os
import shutil
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from uuid import uuid4

import confluent_kafka
from confluent_kafka.admin import AdminClient

from infra.local import jars
from infra.local.java import java
from infra.local.ports import HOST, is_free
from infra.local.secret import Secrets, write_private
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until

PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \
required username="broker" password="{broker_password}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
required username="broker" password="{broker_password}" user_broker="{broker_password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:broker;User:admin
auto.create.topics.enable=false
num.partitions=6
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size={dedupe_bytes}
log.dirs={data}
"""

# Of each key of a compacted topic it remembers 24 bytes: enough for three hundred thousand people at once. The broker's own
# 128 MB were half of its heap, so that it was full every five seconds, and all stood still for a tenth of one.
DEDUPE_BYTES = 8_388_608

LOGGING = """status = error
appender.console.type = Console
appender.console.name = out
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = info
"""


class Kafka:
    """One broker in `<state>/kafka`. Who runs the process is decided elsewhere."""

    def __init__(self, state: Path, port: int, controller: int, secrets: Secrets, heap_mb: int = 256) -> None:
        self.state = state
        self.port = port
        self.controller = controller
        self.secrets = secrets
        self.heap_mb = heap_mb
        self.folder = state / "kafka"
        self.data = self.folder / "data"
        self.advertised = port  # where its clients are told to find it: another port where something stands in between

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def _class_path(self) -> str:
        # By name, not by wildcard: the cache may hold the jars of another version too.
        folder = jars.cache_folder() / "jars"
        return os.pathsep.join(str(folder / jar.filename) for jar in jars.read_lock(jars.KAFKA_LOCK))

    def prepare(self) -> None:
        """Fetch what is missing, write the configuration for these ports, and format the log folder once."""
        jars.fetch(jars.KAFKA_LOCK)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        properties = PROPERTIES.format(
            port=self.port,
            advertised=self.advertised,
            dedupe_bytes=DEDUPE_BYTES,
            controller=self.controller,
            broker_password=self.secrets["kafka broker"],
            data=str(self.data).replace("\\", "\\\\"),
        )
        write_private(self.folder / "server.properties", properties)
        (self.folder / "log4j2.properties").write_text(LOGGING)
        if not (self.data / "meta.properties").exists():
            self._format()

    def _format(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        command = java(self.state, 128, f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}")
        command += ["-cp", self._class_path, "kafka.tools.StorageTool", "format"]
        command += ["-c", str(self.folder / "server.properties")]
        # With an equals sign: one id in 64 begins with a hyphen, and would be taken for another option.
        command += [f"--cluster-id={urlsafe_b64encode(uuid4().bytes).decode().rstrip('=')}"]
        for user in ("broker", "admin"):
            command += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={self.secrets[f'kafka {user}']}]"]
        # Its output holds the users' keys and salts: it is read only to give the reason of a failure.
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise Trouble(f"Kafka could not make its log folder: {last[0]}", f"Check the space in {self.state}.")

    @property
    def command(self) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        start = java(self.state, self.heap_mb, logging)
        return [*start, "-cp", self._class_path, "kafka.Kafka", str(self.folder / "server.properties")]

    def admin(self) -> AdminClient:
        return AdminClient(self.client_settings("admin"))

    def client_settings(self, user: str) -> dict[str, Any]:
        """Settings of a confluent-kafka client."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": self.secrets[f"kafka {user}"],
            "log_level": 0,
        }

    def is_ready(self) -> bool:
        """An open port is not enough: the broker must answer a question of its administrator."""
        if is_free(self.port):
            return False
        try:
            self.admin().list_topics(timeout=2)
        except confluent_kafka.KafkaException:
            return False
        return True

    def wait_until_ready(self, seconds: float = 60) -> None:
        wait_until(
            self.is_ready, seconds, f"Kafka did not answer on port {self.port}", self.state / "logs" / "kafka.log", 0.1
        )
