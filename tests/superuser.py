"""One psql for a whole run of tests: to start it costs as much as the database that it is to make."""

import subprocess

from infra.local.postgres import Postgres

DONE = "\\echo that is all\n"
SAID = "that is all\n"


class Superuser:
    """Runs statements as `Postgres.run` does, over one connection; also when the server was killed meanwhile."""

    def __init__(self, postgres: Postgres):
        self.postgres = postgres
        self._psql: subprocess.Popen[str] | None = None

    def run(self, sql: str, database: str = "postgres") -> str:
        """Statements that may be run twice, each in its own transaction. Raises Trouble with what the server said."""
        found = self._asked(sql) if database == "postgres" else None
        return self.postgres.run(sql, database) if found is None else found

    def close(self) -> None:
        psql, self._psql = self._psql, None
        if psql is not None:
            psql.communicate()

    def _asked(self, sql: str) -> str | None:
        """What was found; nothing if the connection was lost, or the server refused: then it is asked by another psql."""
        if self._psql is None:
            self._psql = self._started()
        psql = self._psql
        assert psql.stdin
        assert psql.stdout
        lines: list[str] = []
        try:
            psql.stdin.write(f"{sql}\n{DONE}")
            psql.stdin.flush()
            while (line := psql.stdout.readline()) not in (SAID, ""):
                lines.append(line)
        except BrokenPipeError:
            line = ""
        if line == SAID:
            return "".join(lines)
        psql.kill()
        psql.communicate()
        self._psql = None
        return None

    def _started(self) -> subprocess.Popen[str]:
        command, environment = self.postgres.psql()
        return subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
