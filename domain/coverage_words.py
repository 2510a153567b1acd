"""What a client reads about their cover: one plain sentence for every reason, whoever has to act."""

from datetime import date

from domain.coverage import CoverageStatus
from domain.rejections import TASK_WORDS, ClientTask

_BY_REASON = {
    "plan_active": "Your plan is active for mental health care.",
    "plan_inactive": "Your insurance says that this plan is not active.",
    "plan_ended": "Your insurance says that this plan has ended.",
    "plan_not_begun": "Your insurance says that this plan has not begun yet.",
    "mental_health_not_covered": "Your insurance says that this plan does not cover mental health care.",
    "confirmed_by_office": "Our billing office asked your insurance in person: your plan is active.",
    "denied_by_office": "Our billing office asked your insurance in person: this plan is not active.",
    "self_pay": "You pay yourself. You get a receipt for every payment.",
    "fsa_hsa": "You pay with your FSA or HSA card. You get a receipt for your plan.",
    "sponsor_active": "Your organisation pays for your sessions.",
}
_BY_STATUS = {
    CoverageStatus.VERIFYING: "We are asking your insurance what it covers, and keep asking until it answers. "
    "You need not do anything.",
    CoverageStatus.ACTIVE: "Your plan is active.",
    CoverageStatus.INACTIVE: "Your insurance says that this plan is not active.",
    CoverageStatus.NEEDS_INFORMATION: "Your insurance did not find you by these details. Please compare them "
    "with your card.",
    CoverageStatus.MANUAL_REVIEW: "A person in our billing office is clearing this up with your insurance. "
    "You need not do anything.",
}


ASKED_ANEW = "We are asking your insurance again, as we do from time to time. Your cover counts meanwhile."
CLEARED_UP = (
    "Your plan was active when it last answered. A person in our billing office is clearing up our newest question. "
    "Your cover counts meanwhile, and you need not do anything."
)


def year_turned(began: date) -> str:
    """Figures of the plan year before are still shown."""
    return (
        f"Your plan year began anew on {began:%B} {began.day}, {began.year}, so what you pay may have changed. Until "
        "your insurance has answered, the cost is as it told us before that day."
    )


def words(status: CoverageStatus, reason: str | None, task: ClientTask | None = None) -> str:
    """The sentence for a cover in this state. A task comes first, also on a cover that is still in force."""
    if task is not None:
        return TASK_WORDS[task]
    return _BY_REASON.get(reason or "", _BY_STATUS[status])
