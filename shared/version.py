"""Which version this is."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def version() -> str:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    return str(project["version"])
