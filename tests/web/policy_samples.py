"""Response and journey policies."""

from __future__ import annotations

from dataclasses import replace

from domain.policies import preset
from tests.web import journey_samples
from tests.web.given import NY, Page, at, shell
from web.pages import policy_words
from web.views import policies
from web.views.shell import Choice, Form

_NEXT, _MORNING = preset("next_response"), preset("morning")
POLICIES = policies.PoliciesView(
    policies=(
        policies.PolicyLine("evening", policy_words.in_words(preset("evening")), 0, 75),
        policies.PolicyLine("morning", policy_words.in_words(_MORNING), 41, 75),
        policies.PolicyLine("next_response", policy_words.in_words(_NEXT), 1204, 75, at(days=8)),
        policies.PolicyLine("weekends-2", "", 0, None, at(days=20)),
    ),
    terms=(
        policies.TermLine("Everyone", "First answers", "morning", at(days=-90), True),
        policies.TermLine("Clients on plus", "Everything", "evening", at(days=8), False),
    ),
    choices=(Choice("evening", "evening"), Choice("morning", "morning")),
    kinds=(Choice("welcome", "The welcome, when a room opens"), Choice("first_response", "First answers")),
    plans=("plus",),
    form=Form(),
)
POLICY = policies.PolicyView(
    name="next_response",
    words=policy_words.in_words(_NEXT),
    rows=(),
    rungs=policy_words.rungs_of(_NEXT),
    running=1204,
    versions=(
        policies.VersionLine(
            "Within 6 h of working time", "75 %, 100 %, 150 %", at(days=8), "To come", "soon"
        ),
        policies.VersionLine("Within 8 h of working time", "75 %, 100 %, 150 %", None, "In force", "good"),
    ),
    form=policy_words.form_of(_NEXT),
    windows=4,
    zone=NY,
)
BY_TABLE = replace(
    POLICY,
    name="morning",
    words=policy_words.in_words(_MORNING),
    rows=policy_words.rows_of(_MORNING),
    form=replace(
        policy_words.form_of(_MORNING), errors={"table": "An answer cannot be due before its window ends."}
    ),
)

PAGES: dict[str, Page] = {
    "policies": Page("staff/policies.html", POLICIES, shell("supervisor", "/policies", NY)),
    "policies-none-set": Page(
        "staff/policies.html", replace(POLICIES, terms=(), plans=()), shell("administrator", "/policies", NY)
    ),
    "policy": Page("staff/policy.html", POLICY, shell("supervisor", "/policies", NY)),
    "policy-by-table": Page("staff/policy.html", BY_TABLE, shell("supervisor", "/policies", NY)),
    "policy-new": Page(
        "staff/policy.html",
        replace(
            POLICY,
            name="",
            words="",
            rungs=(),
            running=0,
            versions=(),
            form=Form(
                {"kind": "working_minutes", "minutes": "-3"}, errors={"minutes": "More than nothing, please."}
            ),
        ),
        shell("administrator", "/policies", NY),
    ),
    "journey-policies": Page(
        "staff/journey_policies.html", journey_samples.waits(), shell("supervisor", "/policies", NY)
    ),
    "journey-policy": Page(
        "staff/journey_policy.html", journey_samples.wait(), shell("supervisor", "/policies", NY)
    ),
}
