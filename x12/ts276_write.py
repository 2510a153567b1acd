"""Writing the claim status request, 276 (005010X212)."""

from collections.abc import Sequence

from x12.errors import fault
from x12.identifiers import npi_holds
from x12.ts270 import Member
from x12.ts276 import LineRequest, StatusRequest
from x12.writing import Composer, Envelope, Parts, Value, write_interchange

VERSION = "005010X212"


def write_276(request: StatusRequest, envelope: Envelope) -> bytes:
    """One interchange with one request. Raises `X12Error` for a value X12 or the guide does not allow."""
    if not npi_holds(request.provider_npi):
        raise fault("bad_npi", "NM1", "NM109", "the check digit of the NPI does not hold")
    asked: Sequence[StatusRequest | LineRequest] = (request, *request.lines)
    if any(each.last_day < each.first_day for each in asked):
        raise fault("bad_date", "DTP", "DTP03", "the service ends before it begins")
    out = Composer(envelope.separators)
    now = envelope.created
    out.add("BHT", "0010", "13", request.reference, now, now.strftime("%H%M"))
    payer = out.level("20", None, True)
    _organisation(out, "PR", request.payer_name, "PI", request.payer_id)
    receiver = out.level("21", payer, True)
    _organisation(out, "41", request.receiver_name, "46", request.receiver_id)
    provider = out.level("19", receiver, True)
    _organisation(out, "1P", request.provider_name, "XX", request.provider_npi)
    subscriber = out.level("22", provider, request.dependent is not None)
    if request.dependent:
        _person(out, "IL", request.subscriber)
        out.level("23", subscriber, False)
    patient = request.dependent or request.subscriber
    if patient.birth_date:
        out.add("DMG", "D8", patient.birth_date, patient.sex)
    _person(out, "QC" if request.dependent else "IL", patient)
    _claim(out, request)
    return write_interchange(envelope, "HR", "276", VERSION, [out])


def _organisation(out: Composer, entity: str, name: str, kind: str, identifier: str) -> None:
    out.add("NM1", entity, "2", name, None, None, None, None, kind, identifier)


def _person(out: Composer, entity: str, member: Member) -> None:
    identified: tuple[Value, ...] = ("MI", member.member_id) if member.member_id else ()
    out.add("NM1", entity, "1", member.last_name, member.first_name, None, None, None, *identified)


def _claim(out: Composer, request: StatusRequest) -> None:
    out.add("TRN", "1", request.trace)
    if request.payer_claim_number:
        out.add("REF", "1K", request.payer_claim_number)
    out.add("AMT", "T3", request.charge)
    days = f"{request.first_day:%Y%m%d}-{request.last_day:%Y%m%d}"
    out.add("DTP", "472", "RD8", days)
    for line in request.lines:
        _line(out, line)


def _line(out: Composer, line: LineRequest) -> None:
    out.add("SVC", Parts(line.procedure), line.charge, None, line.revenue_code, None, None, line.units)
    if line.reference:
        out.add("REF", "FJ", line.reference)
    if line.first_day == line.last_day:
        out.add("DTP", "472", "D8", line.first_day)
    else:
        out.add("DTP", "472", "RD8", f"{line.first_day:%Y%m%d}-{line.last_day:%Y%m%d}")
