"""What the funding service is made of."""

from services.funding.inbound import INBOUND
from services.funding.web.api import routes
from shared.service import Service


def build() -> Service:
    return Service(name="funding", routers=[routes], inbound=INBOUND)
