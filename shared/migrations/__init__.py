"""Bring one service's database to head: first the shared platform schema, then the service's own.

Each has its own Alembic history and version table, so that neither waits for the other. Alembic itself is imported only
to migrate: a service that starts asks for no more than the newest revisions, and a tenth of its start would go there.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

_NAMED = re.compile(r'^(down_)?revision(?:: [^=]+)? = "(\w+)"$', re.MULTILINE)


def _versions(service: str) -> dict[str, Path]:
    """Where the migrations of each schema lie, in the order in which they run."""
    own = ROOT / "services" / service / "store" / "migrations" / "versions"
    return {"platform": HERE / "platform" / "versions", service: own}


def _config(owner_url: str, schema: str, versions: Path) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    # The default separator is a space; a checkout may well lie in a folder with one.
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.attributes["url"] = owner_url
    config.attributes["schema"] = schema
    return config


def histories(owner_url: str, service: str) -> "list[tuple[str, Config]]":
    """The two histories of a service's database, as (schema, Alembic configuration), in order."""
    return [(schema, _config(owner_url, schema, versions)) for schema, versions in _versions(service).items()]


def migrate(owner_url: str, service: str) -> None:
    """Run every migration not yet run. Must not be called from a running event loop."""
    from alembic import command

    for _schema, config in histories(owner_url, service):
        command.upgrade(config, "head")


@cache
def heads(service: str) -> dict[str, str]:
    """The newest revision of each schema, as the code of this process has it: read once, though asked at every /readyz."""
    return {schema: _head(versions) for schema, versions in _versions(service).items()}


def _head(versions: Path) -> str:
    """The one revision that no other builds upon."""
    named = [found for file in versions.glob("[!_]*.py") for found in _NAMED.findall(file.read_text(encoding="utf-8"))]
    head: str
    (head,) = {name for down, name in named if not down} - {name for down, name in named if down}
    return head
