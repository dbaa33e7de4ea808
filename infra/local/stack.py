"""One whole stack in one folder: servers, topics, databases and services, started in order and stopped in order.

`python -m infra.local up` runs one in the foreground; tests and the demo run theirs with this class, side by side.
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

from infra.local import jars, survivors
from infra.local.access import Topic, make_topics, make_users
from infra.local.databases import make_database, make_roles, revisions
from infra.local.keys import department_user, make_tokens
from infra.local.ports import SERVICES, require_free
from infra.local.programs import ROLES
from infra.local.running import RunningStack
from infra.local.trouble import Trouble


class Stack(RunningStack):
    """A stack that this process starts and stops. `up` continues from whatever an earlier one left in the folder."""

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
        self.say("Bringing the databases up to date")
        self.migrate()
        self.kafka.wait_until_ready()
        self.say("Making topics and their access rules")
        self._make_topics()
        self.mailbox.wait_until_ready()
        if self.zipkin:
            self.zipkin.wait_until_ready()
        self.say("Starting the services")
        for service in self.services:
            self.start_service(service, wait=False)
        for service in self.services:
            self.wait_until_ready(service)

    def _wanted_ports(self) -> dict[str, int]:
        table = self.ports.table()
        absent = set(SERVICES) - set(self.services) | (set() if self.tracing else {"zipkin"})
        apart = {f"{service}-{role}": self.ports.service(service, role) for service in self.apart for role in ROLES}
        return {name: port for name, port in table.items() if name not in absent} | apart

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
            [Topic(each.name, each.partitions, each.producers, each.consumers, each.kafka_config) for each in declared],
        )

    def migrate(self) -> None:
        """Bring every database to head. In a thread: a migration runs an event loop, and ours may be inside one."""
        from shared.migrations import heads, migrate

        with ThreadPoolExecutor(1) as pool:
            for service in self.services:
                if revisions(self.postgres, service) != heads(service):
                    pool.submit(migrate, self.owner_url(service), service).result()

    def down(self) -> None:
        """Services, then Kafka, Zipkin and the mailbox, then PostgreSQL; also whatever escaped the supervisor."""
        try:
            if hasattr(self, "supervisor") and self.supervisor.process and self.supervisor.is_answering():
                names, servers = list(self.supervisor.programs), ("postgres", "kafka", "zipkin", "mailbox")
                self.supervisor.stop_all([name for name in names if name not in servers])
                self.supervisor.stop_all([name for name in names if name in servers and name != "postgres"])
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
