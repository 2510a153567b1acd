"""What the forms of the journey offer. Values are those of the API."""

from __future__ import annotations

from domain.states import STATES
from web.views.shell import Choice

STATE = tuple(
    Choice(code, state.name) for code, state in sorted(STATES.items(), key=lambda item: item[1].name)
)
SEX = (Choice("female", "Female"), Choice("male", "Male"), Choice("unknown", "I do not know"))
YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))
COVERAGE_KIND = (
    Choice("insurance", "Insurance", "We ask your insurer now; it takes a moment"),
    Choice("sponsor", "My employer, school or organisation", "With a code they gave you"),
    Choice("self_pay", "I pay myself", "You see the price before you agree"),
    Choice("fsa_hsa", "FSA or HSA card", "You get a receipt for your plan"),
)
RELATIONSHIP = (
    Choice("self", "I am"),
    Choice("spouse", "My spouse"),
    Choice("child", "My parent"),
    Choice("other", "Someone else"),
)
LETTERS = (
    Choice("subscriber", "I know, and that is fine"),
    Choice(
        "asked",
        "I ask the insurer to write to me alone",
        "We help with the request, and send no claim until it agrees",
    ),
)
ASSIGNMENT_REASON = (
    Choice("leave", "Leave"),
    Choice("illness", "Illness"),
    Choice("overload", "Too much at once"),
    Choice("licence", "Licence"),
    Choice("client_asked", "The client asked"),
    Choice("risk", "Risk"),
    Choice("other", "Something else"),
)
BREACH_REASON = (
    Choice("workload", "Too much at once"),
    Choice("absence_without_cover", "Away without cover"),
    Choice("technical", "A technical fault"),
    Choice("client_unclear", "It was not clear what the client needed"),
    Choice("answered_elsewhere", "Answered elsewhere"),
    Choice("short_answer_fine", "Short answer, and fine"),
    Choice("short_answer_not_enough", "Short answer, not enough"),
    Choice("other", "Something else"),
)
ITEM_KIND = (
    Choice("welcome", "Welcome"),
    Choice("first_response", "First answer"),
    Choice("next_response", "Later answers"),
    Choice("consult", "Consultation"),
)
DUE_WITHIN = (
    Choice("60", "Due within an hour"),
    Choice("240", "Due within 4 hours"),
    Choice("1440", "Due within a day"),
)
