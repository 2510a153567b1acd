"""What the forms of the journey offer. Values are those of the API."""

from __future__ import annotations

from domain.states import STATES
from web.views.shell import Choice

FOCUS = (
    Choice("anxiety", "Anxiety or worry"),
    Choice("depression", "Low mood"),
    Choice("stress", "Stress"),
    Choice("sleep", "Sleep"),
    Choice("relationships", "Relationships"),
    Choice("family", "Family"),
    Choice("grief", "Loss and grief"),
    Choice("trauma", "Something that happened to me"),
    Choice("self_esteem", "How I see myself"),
    Choice("work", "Work or study"),
    Choice("substance_use", "Alcohol or drugs"),
    Choice("other", "Something else"),
)
STATE = tuple(
    Choice(code, state.name) for code, state in sorted(STATES.items(), key=lambda item: item[1].name)
)
SEX = (Choice("female", "Female"), Choice("male", "Male"), Choice("unknown", "I do not know"))
GENDER = (
    Choice("woman", "A woman"),
    Choice("man", "A man"),
    Choice("nonbinary", "A nonbinary person"),
    Choice("any", "No preference"),
)
LANGUAGE = (Choice("en", "English"), Choice("es", "Spanish"))
MODALITY = (
    Choice("cbt", "Exercises between messages", "Practical steps and small experiments"),
    Choice("psychodynamic", "Looking at where things come from", "Patterns, history, meaning"),
    Choice("supportive", "Someone who listens and stays", "Steady company through a hard time"),
    Choice("any", "I do not know yet"),
)
MUST = (
    Choice("gender", "Whom I talk with"),
    Choice("modality", "The way of working"),
)
AVAILABILITY = (
    Choice("mornings", "Mornings"),
    Choice("afternoons", "Afternoons"),
    Choice("evenings", "Evenings"),
    Choice("nights", "Nights"),
    Choice("weekends", "Weekends"),
)
RECENCY = (
    Choice("never", "Never"),
    Choice("longer_ago", "Longer ago"),
    Choice("within_30_days", "In the last 30 days"),
)
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
