"""Today, in London. Services take it from their database, so that all replicas agree."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


# What a unit of work has as `today` and `now`, for a statement that is asked outside any.
TODAY = "coalesce((select today from clock), (now() at time zone 'Europe/London')::date)"
NOW = "coalesce(((select today from clock) + time '12:00') at time zone 'Europe/London', now())"


def london_date(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def noon(day: date) -> datetime:
    """Noon of that day in London, as a UTC instant: what `now` is under a test clock."""
    return datetime.combine(day, time(12), LONDON).astimezone(UTC)
