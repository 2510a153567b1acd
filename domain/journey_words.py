"""What staff read about a client who is on the way: who has to act, and why it does not go on."""

from typing import Final

from domain.stages import Party, Wait

WHO: Final[dict[Party, str]] = {
    Party.CLIENT: "The client",
    Party.GUARDIAN: "The guardian",
    Party.PAYER: "The payer",
    Party.THERAPIST: "The therapist asked",
    Party.MATCHER: "Matching team",
    Party.BILLING: "Billing office",
    Party.SUPERVISOR: "Supervisors",
    Party.NOBODY: "The service itself",
}

WHY: Final[dict[Wait, str]] = {
    Wait.CONFIRMATION: "The e-mail address is not confirmed",
    Wait.INTAKE: "The intake is not finished",
    Wait.SUITABILITY: "Messages alone may not be enough: a clinician decides",
    Wait.GUARDIAN: "A parent or guardian has not agreed",
    Wait.CONSENTS: "The agreements are not signed",
    Wait.MEASURES: "The first questionnaires are not answered",
    Wait.COVERAGE: "Nobody has said who pays",
    Wait.PAYER_ANSWER: "The payer has not answered",
    Wait.COVERAGE_DETAILS: "The payer does not find the details of the card",
    Wait.OTHER_COVERAGE: "The cover is not active, and no other one is given",
    Wait.COVERAGE_REVIEW: "The cover needs a person of the billing office",
    Wait.CANDIDATES: "Therapists are not ranked yet",
    Wait.CHOICE: "No therapist is chosen yet",
    Wait.NEXT_OFFER: "The next therapist is not asked yet",
    Wait.OFFER_ANSWER: "The therapist who was asked has not answered",
    Wait.HUMAN_MATCH: "A therapist has to be found in person",
    Wait.RESUMING: "The client has paused",
    Wait.NOTHING: "",
}
