"""What membership tells: one function a fact, from the words of the domain to the published contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import representation as answers
from services.membership.domain.appointment import Allocation, Headship, TrustContact, hears_for
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Category, Outcome
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.inspection_call import Asked, Call
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.office import Term
from services.membership.domain.proposal import Proposal
from services.membership.domain.school import School
from shared.contracts.membership import (
    AllocationCorrected,
    AllocationEnded,
    AllocationMade,
    BodyRecorded,
    CategoryAsToldChanged,
    CategoryInForceChanged,
    CategoryProposed,
    ChairsOfGovernorsRecorded,
    Grades,
    HeadshipBegan,
    HeadshipEnded,
    Held,
    HeldAsTold,
    HeldSchool,
    HistoryCorrected,
    InspectionCallAccepted,
    InspectionCallAsked,
    InspectionCallClosed,
    InTheChair,
    LaCategoryLifted,
    LaCategoryReviewDue,
    LaCategorySet,
    OfficeCorrected,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
    OutcomePublished,
    OutcomeWithdrawn,
    PersonRecorded,
    RepresentationAsToldChanged,
    RepresentationReassigned,
    SchoolJoinedBody,
    SchoolLeftBody,
    SchoolRecorded,
    SchoolTold,
    Speaker,
    TrustContactsRecorded,
    TrustHears,
    TrustPost,
    desk_id,
)


def school_recorded(school: School, on: date) -> SchoolRecorded:
    return SchoolRecorded(
        urn=school.urn,
        authority=school.authority,
        name=school.name,
        phase=school.phase,
        type_code=school.type_code,
        sector=school.sector.value,
        state_funded=school.state_funded,
        open=school.open_on(on),
        opened_on=school.opened_on,
        closed_on=school.closed_on,
        postcode_district=school.postcode_district,
        area=school.area,
        region=school.region,
        trust_id=school.trust_id,
        trust_name=school.trust_name,
    )


def body_recorded(body: Body) -> BodyRecorded:
    return BodyRecorded(
        body_id=body.body_id,
        authority=body.authority,
        kind=body.kind,
        name=body.name,
        area=body.areas[0] if len(body.areas) == 1 else None,  # naming one of two would be half the truth
        areas=list(body.areas),
        opened_on=body.opened_on,
        closed_on=body.closed_on,
        award_pence=body.award_pence,
        award_year_starts=body.award_year_starts,
    )


def school_joined_body(membership: Membership) -> SchoolJoinedBody:
    return SchoolJoinedBody(
        body_id=membership.body_id, urn=membership.urn, from_date=membership.from_date, lead=membership.lead
    )


def school_left_body(membership: Membership, left_on: date) -> SchoolLeftBody:
    return SchoolLeftBody(body_id=membership.body_id, urn=membership.urn, left_on=left_on)


def office_taken_up(term: Term, school_urn: str | None) -> OfficeTakenUp:
    return OfficeTakenUp(
        term_id=term.term_id,
        office_id=term.office_id,
        body_id=term.body_id,
        post=term.post,
        person_id=term.person_id,
        school_urn=school_urn,
        from_date=term.from_date,
        until=term.until,
        route=term.route,
    )


def office_ended(term: Term, ended_on: date, reason: str) -> OfficeEnded:
    return OfficeEnded(
        term_id=term.term_id,
        office_id=term.office_id,
        body_id=term.body_id,
        post=term.post,
        person_id=term.person_id,
        ended_on=ended_on,
        reason=reason,
    )


def office_corrected(
    told: Term, term: Term | None, schools: Iterable[tuple[date, str | None]], on: date
) -> OfficeCorrected:
    """``term`` None: it never was, or begins on a day to come."""
    return OfficeCorrected(
        term_id=told.term_id,
        office_id=told.office_id,
        body_id=told.body_id,
        post=told.post,
        route=told.route,
        before=HeldAsTold(person_id=told.person_id, from_date=told.from_date, until=told.until),
        after=Held(
            person_id=term.person_id,
            from_date=term.from_date,
            until=term.until,
            ended=term.until is not None and term.until <= on,
            schools=[HeldSchool(from_date=day, urn=urn) for day, urn in schools],
        )
        if term is not None
        else None,
    )


def office_holder_moved_school(
    term: Term, from_urn: str | None, to_urn: str | None, on: date
) -> OfficeHolderMovedSchool:
    return OfficeHolderMovedSchool(
        term_id=term.term_id,
        body_id=term.body_id,
        person_id=term.person_id,
        from_urn=from_urn,
        to_urn=to_urn,
        moved_on=on,
    )


def headship_began(headship: Headship) -> HeadshipBegan:
    return HeadshipBegan(urn=headship.urn, person_id=headship.person_id, from_date=headship.from_date)


def headship_ended(headship: Headship, ended_on: date) -> HeadshipEnded:
    return HeadshipEnded(
        urn=headship.urn, person_id=headship.person_id, from_date=headship.from_date, ended_on=ended_on
    )


def chairs_of_governors_recorded(urn: str, chairs: Iterable[ChairOfGovernors]) -> ChairsOfGovernorsRecorded:
    return ChairsOfGovernorsRecorded(
        urn=urn,
        chairs=[
            InTheChair(person_id=each.person_id, from_date=each.from_date, until=each.until)
            for each in sorted(chairs, key=lambda each: each.from_date)
        ],
    )


def trust_contacts_recorded(trust_id: str, contacts: Iterable[TrustContact]) -> TrustContactsRecorded:
    return TrustContactsRecorded(
        trust_id=trust_id,
        contacts=[
            TrustPost(post=each.post, person_id=each.person_id, from_date=each.from_date, until=each.until)
            for each in sorted(contacts, key=lambda each: (each.post, each.from_date))
        ],
    )


def allocation_made(allocation: Allocation) -> AllocationMade:
    return AllocationMade(
        allocation_id=allocation.allocation_id,
        urn=allocation.urn,
        person_id=allocation.person_id,
        from_date=allocation.from_date,
        until=allocation.until,
    )


def allocation_corrected(allocation: Allocation, *, withdrawn: bool) -> AllocationCorrected:
    return AllocationCorrected(
        allocation_id=allocation.allocation_id,
        urn=allocation.urn,
        person_id=allocation.person_id,
        from_date=allocation.from_date,
        until=allocation.until,
        withdrawn=withdrawn,
    )


def allocation_ended(allocation: Allocation, ended_on: date) -> AllocationEnded:
    return AllocationEnded(
        allocation_id=allocation.allocation_id,
        urn=allocation.urn,
        person_id=allocation.person_id,
        ended_on=ended_on,
    )


@dataclass(frozen=True)
class PublicEffect:
    """What follows from public facts alone, before and after (N-05)."""

    category_before: int | None
    category_after: int | None
    role_before: str | None
    role_after: str | None


def outcome_published(
    outcome: Outcome,
    school: School,
    *,
    report_link: str | None,
    effect: PublicEffect,
    corrects: bool,
) -> OutcomePublished:
    return OutcomePublished(
        urn=school.urn,
        school_name=school.name,
        authority=school.authority,
        region=school.region,
        inspection_number=outcome.inspection_number,
        kind=outcome.kind,
        inspection_started_on=outcome.inspection_started_on,
        published_on=outcome.published_on,
        grades=Grades(
            headline=outcome.headline,
            category_of_concern=outcome.category_of_concern,
            quality_of_education=outcome.quality_of_education,
            leadership=outcome.leadership,
            safeguarding_effective=outcome.safeguarding_effective,
            report_card=outcome.report_card.as_names() if outcome.report_card else None,
        ),
        inherited_from_urn=outcome.urn if outcome.urn != school.urn else None,
        report_link=report_link,
        public_category_before=effect.category_before,
        public_category_after=effect.category_after,
        public_role_before=effect.role_before,
        public_role_after=effect.role_after,
        corrects=corrects,
    )


def la_category_set(entry: LaEntry) -> LaCategorySet:
    return LaCategorySet(
        entry_id=entry.entry_id,
        urn=entry.urn,
        category=entry.category,
        from_date=entry.from_date,
        review_on=entry.review_on,
    )


def la_category_lifted(entry: LaEntry, lifted_on: date) -> LaCategoryLifted:
    return LaCategoryLifted(entry_id=entry.entry_id, urn=entry.urn, lifted_on=lifted_on)


def la_category_review_due(review_id: UUID, entry_id: UUID, urn: str) -> LaCategoryReviewDue:
    return LaCategoryReviewDue(review_id=review_id, entry_id=entry_id, urn=urn)


def category_proposed(proposal: Proposal) -> CategoryProposed:
    return CategoryProposed(proposal_id=proposal.proposal_id, urn=proposal.urn)


def category_in_force_changed(
    urn: str, before: int | None, category: Category, on: date, because: str, because_ref: str
) -> CategoryInForceChanged:
    return CategoryInForceChanged(
        urn=urn,
        before=before,
        after=category.value,
        on=on,
        policy=category.policy.name,
        policy_version=category.policy.version,
        because=because,
        because_ref=because_ref,
    )


def category_as_told_changed(shown: CategoryInForceChanged) -> CategoryAsToldChanged:
    return CategoryAsToldChanged(**dict(shown))


def outcome_withdrawn(
    outcome: Outcome,
    school: School,
    *,
    moved: bool,
    effect: PublicEffect,
) -> OutcomeWithdrawn:
    return OutcomeWithdrawn(
        urn=school.urn,
        school_name=school.name,
        authority=school.authority,
        region=school.region,
        inspection_number=outcome.inspection_number,
        kind=outcome.kind,
        published_on=outcome.published_on,
        why="another-school" if moved else "withdrawn",
        public_category_before=effect.category_before,
        public_category_after=effect.category_after,
        public_role_before=effect.role_before,
        public_role_after=effect.role_after,
    )


def speaker(answer: answers.Speaker, around: answers.Circumstances, on: date) -> Speaker:
    return Speaker(
        role=answer.role.value,
        office_id=answer.office_id,
        body_id=answer.body_id,
        trust_id=answer.trust_id,
        person_id=answer.person_id,
        trust_contact_id=_of_the_trust(answer.trust_id, around, on) if answer.role is answers.Role.TRUST else None,
        rule=answer.rule,
    )


def _of_the_trust(trust_id: str | None, around: answers.Circumstances, on: date) -> UUID | None:
    if trust_id is None:
        return None
    return hears_for(around.trust_contacts, around.headships, trust_id, around.school.urn, on)


def representation_reassigned(
    around: answers.Circumstances,
    *,
    general: tuple[answers.Speaker | None, answers.Speaker],
    inspection: tuple[answers.Speaker | None, answers.Speaker],
    valid_from: date,
    policy: str,
    policy_version: int,
    category: int | None,
    cause: str,
) -> RepresentationReassigned:
    """``around``: the school, and the people of its trusts as they are on that day."""
    return RepresentationReassigned(
        urn=around.school.urn,
        general_before=speaker(general[0], around, valid_from) if general[0] else None,
        general_after=speaker(general[1], around, valid_from),
        inspection_before=speaker(inspection[0], around, valid_from) if inspection[0] else None,
        inspection_after=speaker(inspection[1], around, valid_from),
        valid_from=valid_from,
        policy=policy,
        policy_version=policy_version,
        category=category,
        cause=cause,
    )


def representation_as_told_changed(shown: RepresentationReassigned) -> RepresentationAsToldChanged:
    return RepresentationAsToldChanged(**dict(shown))


def school_told(
    urn: str,
    told_on: date,
    releases: Iterable[UUID],
    chair_of_governors: UUID | None,
    trusts: Mapping[str, UUID | None],
) -> SchoolTold:
    return SchoolTold(
        urn=urn,
        told_on=told_on,
        releases=list(releases),
        chair_of_governors_id=chair_of_governors,
        trusts=[TrustHears(trust_id=trust_id, person_id=hears) for trust_id, hears in sorted(trusts.items())],
    )


def history_corrected(urn: str, what: str, from_date: date, until: date) -> HistoryCorrected:
    return HistoryCorrected(urn=urn, what=what, from_date=from_date, until=until)


def inspection_call_asked(call: Call, asked: Asked) -> InspectionCallAsked:
    return InspectionCallAsked(
        call_id=call.call_id,
        urn=call.urn,
        person_id=asked.person_id,
        role=asked.role.value,
        asked_at=asked.asked_at,
        answer_by=asked.answer_by,
        place_in_line=asked.place,
        desk_asked=call.reached_the_desk(),
    )


def inspection_call_accepted(call: Call, accepted: Asked) -> InspectionCallAccepted:
    return InspectionCallAccepted(
        call_id=call.call_id,
        urn=call.urn,
        person_id=accepted.person_id,
        role=accepted.role.value,
        place_in_line=accepted.place,
        desk_asked=call.reached_the_desk(),
    )


def inspection_call_closed(call: Call, closed_on: date, because: str) -> InspectionCallClosed:
    return InspectionCallClosed(
        call_id=call.call_id,
        urn=call.urn,
        closed_on=closed_on,
        because=because,
        desk_asked=call.reached_the_desk(),
    )


def person_recorded(person_id: UUID, name: str, email: str, telephone: str | None) -> PersonRecorded:
    return PersonRecorded(person_id=person_id, name=name, email=email, telephone=telephone)


def desk_recorded(authority: str, desk: str, mailbox: str, telephone: str) -> PersonRecorded:
    """Whoever writes to people writes to a desk as to a person."""
    return PersonRecorded(
        person_id=desk_id(authority, desk), name=desk.replace("-", " "), email=mailbox, telephone=telephone
    )
