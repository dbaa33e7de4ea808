"""What an authority sets for itself: how long somebody asked has to answer, how many schools a system leader has."""

from dataclasses import replace

from services.membership.store.authority_settings import AuthoritySettings, add_settings, lock_authority, settings_of
from shared.store import UnitOfWork


async def set_settings(uow: UnitOfWork, wanted: AuthoritySettings, *, reason: str, set_by: str) -> AuthoritySettings:
    """A new version that says everything again: what it leaves out is not stated any more.

    Raises UnknownAuthority, NoSchoolHours.
    """
    await lock_authority(uow, wanted.authority)
    new = replace(wanted, version=(await settings_of(uow, wanted.authority)).version + 1)
    assert new.school_hours  # refuses hours that are none
    await add_settings(uow, new, reason=reason, set_by=set_by)
    return new
