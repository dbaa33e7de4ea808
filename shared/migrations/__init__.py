"""Bring one service's database to head: first the shared platform schema, then the service's own.

Each has its own Alembic history and version table, so that neither waits for the other.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def _config(owner_url: str, schema: str, versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    # The default separator is a space; a checkout may well lie in a folder with one.
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.attributes["url"] = owner_url
    config.attributes["schema"] = schema
    return config


def histories(owner_url: str, service: str) -> list[tuple[str, Config]]:
    """The two histories of a service's database, as (schema, Alembic configuration), in order."""
    return [
        ("platform", _config(owner_url, "platform", HERE / "platform" / "versions")),
        (service, _config(owner_url, service, ROOT / "services" / service / "store" / "migrations" / "versions")),
    ]


def migrate(owner_url: str, service: str) -> None:
    """Run every migration not yet run. Must not be called from a running event loop."""
    for _schema, config in histories(owner_url, service):
        command.upgrade(config, "head")


@cache
def heads(service: str) -> dict[str, str | None]:
    """The newest revision of each schema, as the code of this process has it: read once, though asked at every /readyz."""
    return {schema: ScriptDirectory.from_config(config).get_current_head() for schema, config in histories("", service)}
