"""One database and two roles for each service: the owner migrates, the application reads and writes rows.

Neither role may connect to another service's database: pg_hba.conf has no line for it, and CONNECT is revoked too.
"""

from collections.abc import Iterable
from typing import Protocol

from infra.local.postgres import Postgres


class Superuser(Protocol):
    """`Postgres`, or whoever keeps a connection to it open."""

    def run(self, sql: str, database: str = "postgres") -> str: ...


def make_roles(postgres: Postgres, services: Iterable[str]) -> None:
    """Make both roles of every service, or give them their passwords again."""
    statements = []
    for service in services:
        for role in (f"{service}_owner", f"{service}_app"):
            statements.append(
                f"select 'create role {role} login' where not exists (select from pg_roles where rolname = '{role}')"
                f"\\gexec\nalter role {role} password '{postgres.secrets[role]}';"
            )
        # An application that waits longer for a lock, or forgets a transaction, holds up everybody behind it.
        statements.append(f"alter role {service}_app set lock_timeout = '3s';")
        # Far below the half minute after which a reader parks what it can't lock: a host that was lost in the middle of a
        # transaction must not cost anybody a parked message.
        statements.append(f"alter role {service}_app set idle_in_transaction_session_timeout = '10s';")
        # One that broke off in the middle of a message is not idle to the server: it waits for the rest for ever.
        statements.append(f"alter role {service}_app set transaction_timeout = '25s';")
        # And a host that was lost while nothing was asked of it is found out within about ten seconds.
        statements.append(f"alter role {service}_app set tcp_keepalives_idle = 5;")
        statements.append(f"alter role {service}_app set tcp_keepalives_interval = 2;")
        statements.append(f"alter role {service}_app set tcp_keepalives_count = 3;")
        statements.append(f"alter role {service}_app set tcp_user_timeout = '10s';")
    postgres.run("\n".join(statements))


def make_database(superuser: Superuser, service: str, name: str | None = None, template: str | None = None) -> None:
    """Make a service's database, unless it is there: extensions, its two schemas, what each role may do."""
    database = name or service
    owner, app = f"{service}_owner", f"{service}_app"
    copy = f" template {template} strategy file_copy" if template else ""
    superuser.run(
        f"select 'create database {database} owner {owner}{copy}' "
        f"where not exists (select from pg_database where datname = '{database}')\\gexec\n"
        f"revoke all on database {database} from public;"
        f"grant connect on database {database} to {owner}, {app};"
        f"alter role {owner} in database {database} set search_path = {service}, platform;"
        f"alter role {app} in database {database} set search_path = {service}, platform;"
    )
    if template:
        return  # extensions, schemas and rights inside the database were copied with it
    rights = [
        f"create schema if not exists {schema} authorization {owner};"
        f"grant usage on schema {schema} to {app};"
        f"alter default privileges for role {owner} in schema {schema}"
        f" grant select, insert, update, delete on tables to {app};"
        f"alter default privileges for role {owner} in schema {schema} grant usage on sequences to {app};"
        for schema in (service, "platform")
    ]
    extensions = "create extension if not exists btree_gist; create extension if not exists pg_stat_statements;"
    superuser.run(extensions + "".join(rights), database)


def revisions(postgres: Postgres, database: str) -> dict[str, str]:
    """How far each schema of a database was migrated; without those that never were."""
    found = postgres.run(
        "select format('select %L, version_num from %I.alembic_version', nspname, nspname) "
        "from pg_class join pg_namespace on pg_namespace.oid = relnamespace where relname = 'alembic_version'\\gexec\n",
        database,
    )
    return dict(line.split("|", 1) for line in found.splitlines())
