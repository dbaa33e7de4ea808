"""The only place where notifications is wired."""

from services.notifications.deliverer import deliver_webhooks
from services.notifications.inbound import INBOUND
from services.notifications.messenger import send_messages
from services.notifications.web import api, feed, messages
from shared.service import Service


def build() -> Service:
    return Service(
        name="notifications",
        routers=[api.routes, feed.routes, messages.routes],
        inbound=INBOUND,
        workers=[deliver_webhooks, send_messages],
    )
