"""Which service reads which topic, written here a second time: a subscription that is dropped excuses nobody.

The services' own tables of handlers say it too; `test_harness` holds the two to each other.
"""

from collections.abc import Mapping

MEMBERSHIP, PEOPLE = "consortia.membership.events.v1", "consortia.membership.people.v1"
MEETINGS, FUNDING = "consortia.meetings.events.v1", "consortia.funding.events.v1"
NOTIFICATIONS = "consortia.notifications.events.v1"

TOPICS: Mapping[str, frozenset[str]] = {
    "meetings": frozenset({MEMBERSHIP, PEOPLE}),
    "funding": frozenset({MEMBERSHIP}),
    "notifications": frozenset({MEMBERSHIP, PEOPLE, MEETINGS, FUNDING, NOTIFICATIONS}),
}
READERS = tuple(TOPICS)  # membership reads nothing


def readers_of(topic: str) -> tuple[str, ...]:
    return tuple(reader for reader, topics in TOPICS.items() if topic in topics)
