"""The published language of the four services: events, envelope, topics. Importing it declares every event type."""

from shared.contracts import funding, meetings, membership, notifications

__all__ = ["funding", "meetings", "membership", "notifications"]
