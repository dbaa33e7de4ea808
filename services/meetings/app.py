"""Where meetings is wired."""

from services.meetings.inbound import INBOUND
from services.meetings.web.api import routes
from shared.service import Service


def build() -> Service:
    return Service(name="meetings", routers=[routes], inbound=INBOUND)
