"""The HTTP API of membership."""

from services.membership.web import acts, answers, inspection_calls
from services.membership.web.allowed import routes

__all__ = ["acts", "answers", "inspection_calls", "routes"]
