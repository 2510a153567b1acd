"""Reading any file into values, and values into plain data for JSON."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from decimal import Decimal

from x12 import ts270, ts271, ts276, ts277, ts277ca, ts835, ts837p_read, ts999
from x12.envelopes import Interchange, Transaction, open_interchanges
from x12.errors import fault
from x12.ts999 import InterchangeAcknowledgment

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class TransactionContent:
    """One transaction set. `content` holds the values its reader makes: benefits, claims, payments..."""

    transaction_set: str
    control_number: str
    version: str
    content: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class InterchangeContent:
    """One interchange. `acknowledgments` are TA1 segments."""

    sender: str
    receiver: str
    control_number: str
    usage: str
    acknowledgments: tuple[InterchangeAcknowledgment, ...]
    transactions: tuple[TransactionContent, ...]


def _one(reader: Callable[[Transaction], object]) -> Callable[[Transaction], Iterator[object]]:
    return lambda transaction: iter((reader(transaction),))


_READERS: dict[str, Callable[[Transaction], Iterator[object]]] = {
    "270": ts270.inquiries,
    "271": ts271.responses,
    "276": ts276.requests,
    "277": ts277.answers,
    "277CA": _one(ts277ca.acknowledgment),
    "835": _one(ts835.remittance),
    "837P": ts837p_read.claims,
    "999": _one(ts999.group_acknowledgment),
}


def read(data: bytes | str) -> tuple[InterchangeContent, ...]:
    """Everything a file says, whatever its transaction sets.

    Raises `X12Error` when the file is damaged or holds a set that is not read here.
    """
    return tuple(map(_interchange, open_interchanges(data)))


def _interchange(interchange: Interchange) -> InterchangeContent:
    header = interchange.header
    return InterchangeContent(
        sender=header.at(6),
        receiver=header.at(8),
        control_number=header.at(13),
        usage=header.at(15),
        acknowledgments=tuple(map(ts999.interchange_acknowledgment, interchange.acknowledgments)),
        transactions=tuple(map(_transaction, interchange.transactions)),
    )


def _transaction(transaction: Transaction) -> TransactionContent:
    reader = _READERS.get(transaction.kind)
    if reader is None:
        at = transaction.header.position
        raise fault("unknown_transaction_set", "ST", "ST01", "this transaction set is not read here", at)
    return TransactionContent(
        transaction_set=transaction.kind,
        control_number=transaction.control_number,
        version=transaction.version,
        content=tuple(reader(transaction)),
    )


def plain(value: object) -> Plain:
    """A value of this package as JSON can hold it, its properties included: decimals as text, dates as ISO
    8601."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Decimal):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    names = _names(value)
    if names:
        derived = (name for name, each in vars(type(value)).items() if isinstance(each, property))
        return {name: plain(getattr(value, name)) for name in (*names, *derived)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    raise TypeError(type(value).__name__)


def _names(value: object) -> tuple[str, ...]:
    """The fields of a dataclass or a named tuple; none of anything else."""
    if is_dataclass(value):
        return tuple(each.name for each in fields(value))
    found = getattr(value, "_fields", ())
    return found if isinstance(found, tuple) else ()
