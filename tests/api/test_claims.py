"""The billing office over HTTP: from a service to a posted payment, its file and its reports; for billing only."""

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from office import attested_week, insured_room, open_office
from people import Api, ClientAs, Person

from activities.claims import ClaimActivities
from activities.shapes.claims import BatchRef
from domain.access import Role
from integrations.clearinghouse.fake import FakeClearingHouse

if TYPE_CHECKING:
    from conftest import Databases

NOWHERE = uuid4()
ROUTES: dict[str, tuple[Any, int]] = {
    "GET /v1/services": (None, 200),
    "POST /v1/claim-batches": ({"dry_run": True}, 409),  # no practice is set here
    "GET /v1/claim-batches": (None, 200),
    f"GET /v1/claim-batches/{NOWHERE}": (None, 404),
    f"GET /v1/claim-batches/{NOWHERE}/837": (None, 404),
    f"GET /v1/claim-batches/{NOWHERE}/manifest": (None, 404),
    "GET /v1/claims": (None, 200),
    f"GET /v1/claims/{NOWHERE}": (None, 404),
    "POST /v1/remittances": (None, 422),
    f"GET /v1/remittances/{NOWHERE}": (None, 404),
    "GET /v1/reports": (None, 200),
    "GET /v1/reports/ageing": (None, 200),
    "GET /v1/reports/nothing": (None, 404),
}


def remittance(number: str, *, paid: str = "20", trace: str = "TRACE1", total: str | None = None) -> bytes:
    """An 835 for one claim of 60.00: 15.00 above the contract, 25.00 copay."""
    body = [
        f"BPR*I*{total or paid}*C*ACH*CCP*01*999999992*DA*1*1999999991**01*999988880*DA*2*20261101",
        f"TRN*1*{trace}*1999999991",
        "DTM*405*20261101",
        "N1*PR*CIGNA",
        "N3*1 MAIN ST",
        "N4*HARTFORD*CT*06101",
        "PER*BL*DESK*TE*8005550100",
        "N1*PE*KINDROOM THERAPY PC*XX*1345678902",
        "LX*1",
        f"CLP*{number}*1*60*{paid}*25*12*ICN0001",
        "NM1*QC*1*RIVERA*ANA",
        f"SVC*HC:98972*60*{paid}**1",
        "DTM*472*20261101",
        "CAS*CO*45*15",
        "CAS*PR*3*25",
        f"REF*6R*{number}",
    ]
    head = "ISA*00*          *00*          *ZZ*CIGNA          *ZZ*KINDROOM       *261122*1030*^*00501*000000077*0*T*:~"
    segments = "".join(f"{segment}~" for segment in body)
    group = "GS*HP*CIGNA*KINDROOM*20261122*1030*77*X*005010X221A1~"
    trailer = f"SE*{len(body) + 2}*0001~GE*1*77~IEA*1*000000077~"
    return (head + group + "ST*835*0001~" + segments + trailer).encode()


async def sent_claim(databases: "Databases", clerk: Person) -> tuple[UUID, dict[str, Any]]:
    """A batch that is out, and its one claim as the office sees it."""
    made = await clerk.http.post("/v1/claim-batches", json={})
    assert made.status_code == 201, made.text
    batch_id = UUID(made.json()["batch_id"])
    steps = ClaimActivities(databases.worker, FakeClearingHouse(b"", b""))
    await steps.build_batch(BatchRef(batch_id))
    await steps.send_batch(BatchRef(batch_id))
    claim: dict[str, Any] = (await clerk.http.get("/v1/claims")).json()["items"][0]
    return batch_id, claim


@pytest.fixture
async def clerk(client_as: ClientAs) -> Person:
    return await client_as(Role.BILLING)


@pytest.mark.parametrize("role", [*Role, None])
async def test_the_office_is_for_billing_only(api: Api, client_as: ClientAs, role: Role | None) -> None:
    person = await client_as(role) if role else None
    wrong = {}
    for route, (body, status) in ROUTES.items():
        method, path = route.split(" ")
        answer = await (person.http if person else api.http).request(method, path, json=body)
        expected = 401 if role is None else status if role is Role.BILLING else 403
        if answer.status_code != expected:
            wrong[route] = answer.status_code
    assert wrong == {}


async def test_from_service_to_payment_to_report(databases: "Databases", clerk: Person) -> None:
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    services = (await clerk.http.get("/v1/services?state=unbilled")).json()["items"]
    assert [(s["code"], s["charge"]["amount"], s["blocked_by"]) for s in services] == [("98972", "60.00", [])]
    batch_id, claim = await sent_claim(databases, clerk)
    assert claim["state"] == "sent"
    file = await clerk.http.get(f"/v1/claim-batches/{batch_id}/837")
    again = await clerk.http.get(f"/v1/claim-batches/{batch_id}/837")
    manifest = (await clerk.http.get(f"/v1/claim-batches/{batch_id}/manifest")).json()
    assert file.content == again.content
    assert manifest["sha256"] == sha256(file.content).hexdigest()
    assert [each["number"] for each in manifest["claims"]] == [claim["number"]]
    posted = await clerk.http.post("/v1/remittances", content=remittance(claim["number"]))
    assert (posted.status_code, posted.json()["state"]) == (201, "posted"), posted.text
    paid = (await clerk.http.get(f"/v1/claims/{claim['claim_id']}")).json()
    assert (paid["state"], paid["paid"]["amount"], paid["patient_share"]["amount"]) == (
        "paid",
        "20.00",
        "25.00",
    )
    assert [step["event"] for step in paid["history"]][-1] == "paid"
    report = (await clerk.http.get("/v1/reports/ageing")).json()
    assert report["rows"][0]["payer"] == "Cigna"
    assert report["rows"][0]["paid"] == {"amount": "20.00", "currency": "USD"}
    assert report["totals"]["outstanding"] == {"amount": "0.00", "currency": "USD"}
    assert report["as_of"]
    assert "Outstanding =" in report["formula"]


async def test_a_batch_asked_for_again_with_its_key_is_the_same_batch(
    databases: "Databases", clerk: Person
) -> None:
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    answers = [
        (await clerk.http.post("/v1/claim-batches", json={}, headers={"Idempotency-Key": "go"})).json()
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len((await clerk.http.get("/v1/claim-batches")).json()["items"]) == 1


async def test_a_payer_can_be_billed_alone(databases: "Databases", clerk: Person) -> None:
    for number, code in (("62308", "cigna"), ("00430", "premera")):
        office = await open_office(databases, number=number, code=code)
        await attested_week(databases, await insured_room(databases, office))
    dry = await clerk.http.post("/v1/claim-batches", json={"payer": "cigna", "dry_run": True})
    assert (dry.status_code, dry.json()["claims"], dry.json()["batch_id"]) == (200, 1, None)
    assert (await clerk.http.post("/v1/claim-batches", json={"payer": "nobody"})).status_code == 404
    left = (await clerk.http.get("/v1/services?state=unbilled&payer=premera")).json()["items"]
    assert [each["payer"] for each in left] == ["premera"]


async def test_an_unbalanced_payment_is_quarantined_and_posts_nothing(
    databases: "Databases", clerk: Person
) -> None:
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    _, claim = await sent_claim(databases, clerk)
    for content, reason in (
        (remittance(claim["number"], total="21"), "payment_unbalanced"),
        (remittance(claim["number"], paid="19"), "line_unbalanced"),
        (b"hello", None),
    ):
        got = await clerk.http.post("/v1/remittances", content=content)
        answer = got.json()
        assert answer.get("state") == "quarantined", (got.status_code, answer)
        assert answer["payments"] == []
        assert reason is None or answer["reason"] == reason
        stored = (await clerk.http.get(f"/v1/remittances/{answer['remittance_id']}")).json()
        assert stored == answer
    assert (await clerk.http.get(f"/v1/claims/{claim['claim_id']}")).json()["state"] == "sent"


async def test_the_same_payment_in_another_file_is_posted_once(databases: "Databases", clerk: Person) -> None:
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    _, claim = await sent_claim(databases, clerk)
    first = remittance(claim["number"])
    for content in (first, first, first.replace(b"~", b"~\n")):
        assert (await clerk.http.post("/v1/remittances", content=content)).json()["state"] == "posted"
    paid = (await clerk.http.get(f"/v1/claims/{claim['claim_id']}")).json()
    assert paid["paid"]["amount"] == "20.00"
    assert [step["event"] for step in paid["history"]].count("paid") == 1


async def test_a_payment_for_somebody_elses_claim_is_counted_as_unmatched(
    databases: "Databases", clerk: Person
) -> None:
    await open_office(databases)
    answer = (await clerk.http.post("/v1/remittances", content=remittance("NOTOURS"))).json()
    assert (answer["state"], answer["payments"][0]["unmatched"]) == ("posted", 1)


async def test_every_form_of_a_report_has_the_same_figures(databases: "Databases", clerk: Person) -> None:
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    await sent_claim(databases, clerk)
    known = (await clerk.http.get("/v1/reports")).json()["items"]
    assert {each["name"] for each in known} >= {"ageing", "unbilled", "denials"}
    for each in known:
        assert each["formats"] == ["json", "csv", "xlsx", "html"]
        for form in each["formats"]:
            answer = await clerk.http.get(f"/v1/reports/{each['name']}?format={form}")
            assert answer.status_code == 200, answer.text
    document = (await clerk.http.get("/v1/reports/ageing")).json()
    table = (await clerk.http.get("/v1/reports/ageing?format=csv")).content.decode("utf-8-sig")
    page = (await clerk.http.get("/v1/reports/ageing?format=html")).text
    book = (await clerk.http.get("/v1/reports/ageing?format=xlsx")).content
    amount = document["totals"]["outstanding"]["amount"]
    assert amount == "60.00"
    assert table.strip().splitlines()[-1].endswith(",60.00")
    assert "<td>60.00</td></tr></tfoot>" in page
    with ZipFile(BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>60</v>" in sheet  # a number, shown as money by its format


async def test_what_is_not_offered_is_refused(clerk: Person) -> None:
    for query, code in (
        ("format=pdf", "unsupported_format"),
        ("from=2026-02-01&to=2026-01-01", "invalid"),
    ):
        answer = await clerk.http.get(f"/v1/reports/ageing?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_billing_reads_no_byte_of_a_room(databases: "Databases", clerk: Person) -> None:
    where = await insured_room(databases, await open_office(databases))
    for path in ("messages", "goals", "check-ins", "notes", "diagnoses", "messaging-sessions"):
        assert (await clerk.http.get(f"/v1/rooms/{where.id}/{path}")).status_code == 404
