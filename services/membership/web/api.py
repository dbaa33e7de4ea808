"""The HTTP API of membership."""

from services.membership.web import (
    acts,
    answers,
    authority_settings,
    contact_details,
    corrections,
    desk_queue,
    due,
    held,
    imports,
    in_post,
    inspection_calls,
    outcomes,
    overrides,
    places,
    policies,
    proposals,
    system_leaders,
)
from services.membership.web.allowed import routes

__all__ = [
    "acts",
    "answers",
    "authority_settings",
    "contact_details",
    "corrections",
    "desk_queue",
    "due",
    "held",
    "imports",
    "in_post",
    "inspection_calls",
    "outcomes",
    "overrides",
    "places",
    "policies",
    "proposals",
    "routes",
    "system_leaders",
]
