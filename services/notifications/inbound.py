"""What notifications does with the events it reads: the whole flow of the service in one table."""

from services.notifications.store.projections import keep_bodies, keep_people, keep_schools
from services.notifications.use_cases.pass_on import pass_on, publish_to_the_feed
from shared.contracts.membership import BodyRecorded, OutcomePublished, PersonRecorded, SchoolRecorded
from shared.messaging.inbound import Inbound, Projection

INBOUND = Inbound(
    projections={
        SchoolRecorded: Projection(keep_schools, tables=("school",)),
        BodyRecorded: Projection(keep_bodies, tables=("body",)),
        PersonRecorded: Projection(keep_people, tables=("person",)),
    },
    reactions={OutcomePublished: publish_to_the_feed},
    every=pass_on,
)
