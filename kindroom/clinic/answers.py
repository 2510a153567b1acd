"""What payers answered in the past of the demo clinic, as values: the plans behind the sandbox's member ids."""

from decimal import Decimal
from typing import Final

from domain.eligibility import Benefit, EligibilityAnswer, Kind, Network, Period

_ACTIVE: Final = Benefit("1", "IND", ("MH",), network=Network.IN)


def _row(kind: Kind, service_type: str, period: str, amount: str | None, **more: object) -> Benefit:
    value = None if amount is None else Decimal(amount)
    return Benefit(kind, "IND", (service_type,), period, value, network=Network.IN, **more)  # type: ignore[arg-type]


_ANSWERS: Final = {
    "01": (
        _ACTIVE,
        _row(Kind.COPAY, "MH", Period.VISIT, "25.00"),
        _row(Kind.COPAY, "MH", Period.VISIT, "10.00", places=("02", "10")),
    ),
    "02": (
        _ACTIVE,
        _row(Kind.DEDUCTIBLE, "MH", Period.REMAINING, "320.50"),
        _row(Kind.COINSURANCE, "MH", Period.VISIT, None, fraction=Decimal("0.2")),
        _row(Kind.OUT_OF_POCKET, "MH", Period.REMAINING, "1899.75"),
    ),
    "03": (_ACTIVE, _row(Kind.COPAY, "MH", Period.VISIT, "0.00")),
    "18": (
        Benefit("1", "IND", ("30",), network=Network.IN),
        _row(Kind.COPAY, "30", Period.VISIT, "25.00"),
    ),
}


def answer_of(member: str) -> EligibilityAnswer:
    """The answer to a member id of these last two digits. Raises KeyError for one whose plan is not in force."""
    return EligibilityAnswer(benefits=_ANSWERS[member])
