"""Run the funding service: `python -m services.funding`."""

import gc

gc.disable()  # nothing of what is imported is garbage, and to look for it is a seventh of a start; `main` does again

from services.funding.app import build  # noqa: E402
from shared.service import main  # noqa: E402

main(build)
