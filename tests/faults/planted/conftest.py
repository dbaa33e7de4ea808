"""The services that a bug is planted in, each on a database of its own: membership over HTTP, notifications with mail."""

from tests.store.membership.conftest import abbey, abbey_taken_on, ask, store
from tests.store.notifications.conftest import notifications, post

__all__ = ["abbey", "abbey_taken_on", "ask", "notifications", "post", "store"]
