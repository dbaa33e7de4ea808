"""From an award to what is published of it: one function each."""

from services.funding.domain.award import Adjustment, Award, Division
from shared.contracts.funding import AwardAdjusted, AwardOpened, AwardShare


def award_opened(award: Award) -> AwardOpened:
    division = award.division
    return AwardOpened(
        award_id=award.award_id,
        body_id=award.body_id,
        year_from=award.year.from_date,
        year_to=award.year.until,
        amount_pence=award.amount_pence,
        shares=_shares(division),
        unawarded_days=division.unawarded_days,
        unawarded_pence=division.unawarded_pence,
    )


def award_adjusted(award: Award, adjustment: Adjustment) -> AwardAdjusted:
    return AwardAdjusted(
        award_id=award.award_id,
        body_id=award.body_id,
        year_from=award.year.from_date,
        year_to=award.year.until,
        amount_pence=award.amount_pence,
        before=_shares(adjustment.before),
        after=_shares(adjustment.after),
        unawarded_days=adjustment.after.unawarded_days,
        unawarded_pence=adjustment.after.unawarded_pence,
        from_date=adjustment.from_date,
    )


def _shares(division: Division) -> list[AwardShare]:
    return [AwardShare(urn=share.urn, days=share.days, pence=share.pence) for share in division.shares]
