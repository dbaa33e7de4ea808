"""A service with a bug, as the stack starts it: ``python -m tests.faults.bugs_serving NAME SERVICE``.

By itself, since a process that is killed on purpose should be back as soon as the product is. ``nothing`` is no bug.
"""

import importlib
import sys

from shared.service import main
from tests.faults import bugs_in_messaging, bugs_in_services
from tests.faults.bug import NOTHING


def serve(name: str, service: str) -> None:
    build = importlib.import_module(f"services.{service}.app").build  # a bug is planted where the names are used
    if name != NOTHING:
        there = bugs_in_messaging if hasattr(bugs_in_messaging, name) else bugs_in_services
        getattr(there, name)(setattr)
    main(build, [])


if __name__ == "__main__":
    serve(*sys.argv[1:])
