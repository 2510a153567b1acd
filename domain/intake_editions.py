"""The intake's questions in numbered editions. An edition never changes once it was in force; its number is kept with
the answers that were given to it.
"""

from datetime import date
from typing import Final

from domain.guardians import Pathway
from domain.intake_forms import PATHWAY, Condition, Field, IntakeForm, Kind, Option, Step

_ANY: Final = Option("any", "No preference")
_RECENCY: Final = (
    Option("never", "Never"),
    Option("longer_ago", "Longer ago"),
    Option("within_30_days", "In the last 30 days"),
)

_FOCUS: Final = Step(
    "focus",
    "What brings you here",
    (
        Field(
            "focus",
            "What would you like to work on?",
            Kind.CHOICES,
            "Choose as many as you like. You can change this at any time.",
            options=(
                Option("anxiety", "Anxiety or worry"),
                Option("depression", "Low mood"),
                Option("stress", "Stress"),
                Option("sleep", "Sleep"),
                Option("relationships", "Relationships"),
                Option("family", "Family"),
                Option("grief", "Loss and grief"),
                Option("trauma", "Something that happened to me"),
                Option("self_esteem", "How I see myself"),
                Option("work", "Work or study"),
                Option("substance_use", "Alcohol or drugs"),
                Option("other", "Something else"),
            ),
        ),
        Field(
            "prior_care",
            "Have you had therapy or other care before?",
            Kind.LONG_TEXT,
            "A line or two is enough. Leave it empty for none.",
            none_counts=True,
            most=4_000,
        ),
        Field(
            "medication",
            "Which medication do you take now?",
            Kind.LONG_TEXT,
            "Leave it empty for none.",
            none_counts=True,
            most=4_000,
        ),
    ),
)

_PLACE: Final = Step(
    "place",
    "Where you are",
    (
        Field(
            "state",
            "The state you are in now",
            Kind.STATE,
            "Your therapist must hold a licence there. Tell us when you travel.",
        ),
        Field(
            "location",
            "Where do you usually write from?",
            help="City or address. Only used to send help to the right place.",
            when=Condition("location_withheld", (True,)),
        ),
        Field(
            "location_withheld",
            "Would you rather not say where?",
            Kind.YES_NO,
            "Then we talk with you first: without a place nobody can send help.",
            required=False,
        ),
    ),
)

_CONTACT: Final = Step(
    "contact",
    "How to reach you",
    (
        Field("address.line1", "Street", autocomplete="address-line1"),
        Field("address.line2", "Apartment or floor", required=False, autocomplete="address-line2"),
        Field("address.city", "City", autocomplete="address-level2"),
        Field("address.state", "State of this address", Kind.STATE, autocomplete="address-level1"),
        Field("address.postal_code", "ZIP code", autocomplete="postal-code", most=10),
        Field("phone", "Your phone", Kind.PHONE, autocomplete="tel", most=20),
        Field(
            "sex_on_file",
            "Sex your insurer has on file",
            Kind.CHOICE,
            "Insurers match it. Who you are is for you to say.",
            options=(
                Option("female", "Female"),
                Option("male", "Male"),
                Option("unknown", "I do not know"),
            ),
        ),
    ),
)

_NOBODY: Final = Condition("emergency_contact.available", (False,))

_EMERGENCY: Final = Step(
    "emergency",
    "Someone to call in an emergency",
    (
        Field(
            "emergency_contact.available",
            "Is there somebody near you whom we may call if you are in danger?",
            Kind.YES_NO,
            "A friend, a neighbour, family. We call for nothing else.",
            required=False,
        ),
        Field("emergency_contact.name", "Their name", when=_NOBODY),
        Field("emergency_contact.phone", "Their phone", Kind.PHONE, when=_NOBODY, most=20),
        Field(
            "emergency_contact.relationship",
            "Who they are to you",
            help="For instance: sister, friend.",
            required=False,
            when=_NOBODY,
        ),
        Field(
            "emergency_contact.local_number",
            "The number of the police or a crisis team near you",
            Kind.PHONE,
            "If you know it. 911 and 988 work everywhere in the United States.",
            required=False,
            most=20,
        ),
    ),
)

_GUARDIAN: Final = Step(
    "guardian",
    "Your parent or guardian",
    (
        Field("guardian", "Their name"),
        Field("guardian_contact.relationship", "Who they are to you", help="For instance: mother, guardian."),
        Field(
            "guardian_contact.email",
            "Their e-mail address",
            Kind.EMAIL,
            "We send them one letter with a link, when you send your answers. It does not say what you told us.",
        ),
        Field("guardian_contact.phone", "Their phone", Kind.PHONE, required=False, most=20),
    ),
    intro="Where you are, the law asks for the consent of a parent or guardian before care begins.",
    when=Condition(PATHWAY, (None, Pathway.ADULT, Pathway.MINOR, Pathway.NOT_SERVED)),
)

_PREFERENCES: Final = Step(
    "preferences",
    "Whom you would like",
    (
        Field(
            "preferences.gender",
            "I would rather talk with",
            Kind.CHOICE,
            required=False,
            options=(
                Option("woman", "A woman"),
                Option("man", "A man"),
                Option("nonbinary", "A nonbinary person"),
                _ANY,
            ),
        ),
        Field(
            "preferences.language",
            "In which language?",
            Kind.CHOICE,
            required=False,
            options=(Option("en", "English"), Option("es", "Spanish")),
        ),
        Field(
            "preferences.modality",
            "What suits you?",
            Kind.CHOICE,
            required=False,
            options=(
                Option("cbt", "Exercises between messages", "Practical steps and small experiments"),
                Option("psychodynamic", "Looking at where things come from", "Patterns, history, meaning"),
                Option("supportive", "Someone who listens and stays", "Steady company through a hard time"),
                Option("any", "I do not know yet"),
            ),
        ),
        Field(
            "preferences.must",
            "Which of these must hold?",
            Kind.CHOICES,
            "We never offer someone who does not meet these. Each one makes the search narrower.",
            required=False,
            options=(Option("gender", "Whom I talk with"), Option("modality", "The way of working")),
        ),
        Field(
            "availability",
            "When do you usually write?",
            Kind.CHOICES,
            required=False,
            options=(
                Option("mornings", "Mornings"),
                Option("afternoons", "Afternoons"),
                Option("evenings", "Evenings"),
                Option("nights", "Nights"),
                Option("weekends", "Weekends"),
            ),
        ),
    ),
)

_WELLBEING: Final = Step(
    "wellbeing",
    "A few plain questions",
    (
        Field(
            "safety.suicidal_thoughts",
            "Have you had thoughts of ending your life?",
            Kind.CHOICE,
            options=_RECENCY,
        ),
        Field(
            "safety.recent_attempt",
            "Have you tried to end your life in the last three months?",
            Kind.YES_NO,
        ),
        Field(
            "safety.homicidal_thoughts",
            "Have you had thoughts of harming someone else?",
            Kind.CHOICE,
            options=_RECENCY,
        ),
        Field(
            "safety.imminent_violence",
            "Are you afraid that you might hurt somebody soon?",
            Kind.YES_NO,
        ),
        Field(
            "safety.recent_discharge",
            "Have you come out of a psychiatric hospital in the last 30 days?",
            Kind.YES_NO,
        ),
        Field(
            "safety.psychosis_or_mania",
            "Do you hear or see things that others do not, or have you hardly slept for days and felt no need to?",
            Kind.YES_NO,
        ),
        Field(
            "safety.withdrawal",
            "Are you stopping alcohol or drugs now and feel ill from it?",
            Kind.YES_NO,
            "Shaking, sweating, seeing things, cramps.",
        ),
        Field(
            "safety.private_channel",
            "Can you write here without someone else reading along?",
            Kind.YES_NO,
        ),
    ),
    intro="Everyone is asked these. Your answers help us do the right thing, quickly. Nothing here shuts a door.",
)

FORMS: Final = (
    IntakeForm(
        "2026-01",
        date(2026, 1, 1),
        (_FOCUS, _PLACE, _CONTACT, _EMERGENCY, _GUARDIAN, _PREFERENCES, _WELLBEING),
    ),
)
"""All editions, the oldest first."""


def form_on(day: date) -> IntakeForm:
    """The edition in force on a day; before the first one, the first."""
    return next((form for form in reversed(FORMS) if form.effective_from <= day), FORMS[0])


def form_of(version: str | None, day: date) -> IntakeForm:
    """The edition some answers were given to; the one in force for whoever has given none yet."""
    return next((form for form in FORMS if form.version == version), None) or form_on(day)
