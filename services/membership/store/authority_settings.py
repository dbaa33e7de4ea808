"""What an authority has set for itself, version by version. What is not stated is None, and applied as such (R0.7)."""

from dataclasses import dataclass
from datetime import time

from services.membership.domain.school_hours import SchoolHours
from shared.refusal import NotFound
from shared.store import UnitOfWork

_DEFAULT = SchoolHours()


class UnknownAuthority(NotFound):
    def __init__(self, code: str):
        super().__init__(
            f"There is no authority {code} here: check the code; a take-on brings a new one (`consortia take-on`)"
        )


@dataclass(frozen=True)
class AuthoritySettings:
    authority: str
    version: int = 0  # 0: nothing was ever set
    answer_minutes: int | None = None
    hours_from: time | None = None
    hours_until: time | None = None
    schools_a_leader: int | None = None

    @property
    def school_hours(self) -> SchoolHours:
        """Half an hour between 8:00 and 17:00, where the authority states nothing else."""
        return SchoolHours(
            self.answer_minutes or _DEFAULT.minutes,
            self.hours_from or _DEFAULT.opens,
            self.hours_until or _DEFAULT.closes,
        )


async def settings_of(uow: UnitOfWork, authority: str) -> AuthoritySettings:
    row = await uow.row(
        "select authority, version, answer_minutes, hours_from, hours_until, schools_a_leader from authority_setting "
        "where authority = $1 order by version desc limit 1",
        authority,
    )
    return AuthoritySettings(*row) if row is not None else AuthoritySettings(authority)


async def lock_authority(uow: UnitOfWork, authority: str) -> None:
    """One version after the other, also where two officers set something at once. Raises UnknownAuthority."""
    if await uow.row("select code from authority where code = $1 for update", authority) is None:
        raise UnknownAuthority(authority)


async def add_settings(uow: UnitOfWork, new: AuthoritySettings, *, reason: str, set_by: str) -> None:
    await uow.execute(
        "insert into authority_setting (authority, version, answer_minutes, hours_from, hours_until, schools_a_leader, "
        "reason, set_by, recorded_at) "
        "values ($1, $2::integer, $3::integer, $4::time, $5::time, $6::integer, $7, $8, $9::timestamptz)",
        new.authority,
        new.version,
        new.answer_minutes,
        new.hours_from,
        new.hours_until,
        new.schools_a_leader,
        reason,
        set_by,
        uow.now,
    )
