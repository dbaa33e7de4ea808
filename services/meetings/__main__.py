"""python -m services.meetings [--roles web,consumer,relay] | migrate | rebuild"""

from services.meetings.app import build
from shared.service import main

main(build)
