"""What notifications does with the events it reads: the whole flow of the service in one table."""

from services.notifications.store.projections import (
    keep_bodies,
    keep_chairs_of_governors,
    keep_ends_of_headships,
    keep_headships,
    keep_people,
    keep_schools,
    keep_trust_contacts,
)
from services.notifications.use_cases.pass_on import pass_on
from services.notifications.use_cases.tell_people import ask_at_once, ask_no_more, note_who_hears
from shared.contracts.membership import (
    BodyRecorded,
    ChairsOfGovernorsRecorded,
    HeadshipBegan,
    HeadshipEnded,
    InspectionCallAccepted,
    InspectionCallAsked,
    InspectionCallClosed,
    PersonRecorded,
    SchoolRecorded,
    SchoolTold,
    TrustContactsRecorded,
)
from shared.messaging.inbound import Inbound, Projection

INBOUND = Inbound(
    projections={
        SchoolRecorded: Projection(keep_schools, tables=("school",)),
        BodyRecorded: Projection(keep_bodies, tables=("body",)),
        PersonRecorded: Projection(keep_people, tables=("person",)),
        HeadshipBegan: Projection(keep_headships, tables=("headship",)),
        HeadshipEnded: Projection(keep_ends_of_headships, tables=("headship",)),
        ChairsOfGovernorsRecorded: Projection(keep_chairs_of_governors, tables=("post_line", "post_held")),
        TrustContactsRecorded: Projection(keep_trust_contacts, tables=("post_line", "post_held")),
    },
    reactions={
        SchoolTold: note_who_hears,
        InspectionCallAsked: ask_at_once,
        InspectionCallAccepted: ask_no_more,
        InspectionCallClosed: ask_no_more,
    },
    every=pass_on,
)
