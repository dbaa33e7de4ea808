"""What somebody enters, whichever act it is for: text without the spaces around it, and days that can be meant."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


def _can_be_meant(day: date) -> date:
    """Beyond these a slip of the pen is likelier than a day, and reckoning with days comes to its end."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day.isoformat()} lies before {FIRST_DAY.year} or after {LAST_DAY.year}; check the year")
    return day


Day = Annotated[date, AfterValidator(_can_be_meant)]
Text = Annotated[str, Field(min_length=1)]


class Entered(BaseModel):
    """A number with a space behind it is the same number: kept as it was typed it would meet no file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_strip_whitespace=True)
