"""The newest revision of each schema, known without Alembic: a service that starts asks for no more."""

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from infra.local.ports import SERVICES
from infra.local.programs import ROOT
from shared.migrations import heads, histories


@pytest.mark.parametrize("service", SERVICES)
def test_the_newest_revision_is_the_one_that_alembic_would_migrate_to(service: str) -> None:
    by_alembic = {
        schema: ScriptDirectory.from_config(config).get_current_head() for schema, config in histories("", service)
    }
    assert heads(service) == by_alembic


def test_a_service_starts_without_alembic() -> None:
    """D8: it is a tenth of what a start takes."""
    asked = "import sys, services.membership.app, shared.service; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
