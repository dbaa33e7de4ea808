"""Run the funding service: `python -m services.funding`."""

from services.funding.app import build
from shared.service import main

main(build)
