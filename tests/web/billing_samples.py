"""What billing staff work through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.web import coverage_samples
from tests.web.arrival_samples import PAYERS
from tests.web.given import NOW, NY, Page, at, ident, shell
from web.charts import money_bars
from web.views import claims
from web.views.shell import Choice, Form

BUCKETS = ("0–30", "31–60", "61–90", "91–120", "over 120")


def _amounts(*values: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


AGEING_ROWS = tuple(
    claims.AgeingRow(payer, _amounts(*values), Decimal(sum(values)))
    for payer, values in [
        ("Aetna", (4180, 960, 0, 120, 0)),
        ("Blue Cross Blue Shield", (9240, 2210, 480, 0, 96)),
        ("Cigna", (3120, 0, 240, 0, 0)),
        ("Premera", (6010, 1150, 96, 240, 480)),
    ]
)
TOTALS = tuple(sum((row.amounts[place] for row in AGEING_ROWS), Decimal(0)) for place in range(5))
TONES = ("", "", "soon", "late", "late")
AGEING = claims.AgeingView(
    NOW,
    "service_date",
    BUCKETS,
    AGEING_ROWS,
    TOTALS,
    sum(TOTALS, Decimal(0)),
    money_bars(
        "79 % of what is open is younger than 30 days",
        "Open balance by age in days, all payers",
        [(f"{bucket} days", total, tone) for bucket, total, tone in zip(BUCKETS, TOTALS, TONES, strict=True)],
    ),
    "/v1/reports/ageing?format=csv&basis=service_date",
    "Open balance = charge − payments − contractual adjustments − patient share. Age in whole days.",
)
LINES = (
    claims.ServiceLine(ident(71), date(2026, 11, 20), "K-1007", "Premera", "98972", Decimal("96.00")),
    claims.ServiceLine(
        ident(72),
        date(2026, 11, 18),
        "K-1019",
        "Aetna",
        "98971",
        Decimal("64.00"),
        (
            claims.Blocked("No contract row prices this service", "An administrator acts"),
            claims.Blocked("The note is not signed", "The clinician acts"),
        ),
    ),
    claims.ServiceLine(
        ident(73),
        date(2026, 11, 16),
        "K-1044",
        "Cigna",
        "98970",
        Decimal("38.00"),
        (claims.Blocked("The clinician has entered no diagnosis for these days", "The clinician acts"),),
    ),
)
UNBILLED = claims.UnbilledView(
    LINES,
    PAYERS,
    "",
    "",
    1,
    Decimal("96.00"),
    2,
    Decimal("102.00"),
    Form(many={"since_last_export": ("yes",)}),
)
BATCH_ROWS = (
    claims.BatchRow(
        ident(81),
        "0000000042",
        "Premera",
        at(minutes=-12),
        3,
        Decimal("288.00"),
        "Accepted by the payer",
        "good",
    ),
    claims.BatchRow(
        ident(82), "0000000041", "Cigna", at(days=-1), 1, Decimal("38.00"), "Refused, 1 finding", "late"
    ),
)
CLAIM_ROWS = (
    claims.ClaimRow(
        ident(91),
        "K-1007",
        "Premera",
        date(2026, 11, 10),
        "Paid",
        "good",
        Decimal("96.00"),
        Decimal("71.00"),
        at(minutes=-3),
    ),
    claims.ClaimRow(
        ident(92),
        "K-1044",
        "Premera",
        date(2026, 11, 9),
        "Pending",
        "",
        Decimal("96.00"),
        Decimal("0.00"),
        at(minutes=-6),
    ),
    claims.ClaimRow(
        ident(93),
        "K-1052",
        "Premera",
        date(2026, 11, 9),
        "Denied",
        "late",
        Decimal("96.00"),
        Decimal("0.00"),
        at(minutes=-3),
    ),
)
BATCH = claims.BatchView(
    BATCH_ROWS[0],
    "9f2c" * 16,
    (
        claims.Ack("999", at(minutes=-10), "Accepted, every set", "good"),
        claims.Ack("277CA", at(minutes=-6), "3 of 3 claims accepted", "good"),
    ),
    CLAIM_ROWS,
    "835",
    at(days=30),
)

PAGES: dict[str, Page] = {
    "unbilled": Page(
        "billing/unbilled.html",
        UNBILLED,
        shell("billing", "/billing", NY, toast="Batch 0000000042 is on its way to Premera."),
    ),
    "unbilled-tried": Page(
        "billing/unbilled.html",
        replace(UNBILLED, tried=claims.Tried(3, Decimal("152.00"), 1, 2, 0)),
        shell("billing", "/billing", NY),
    ),
    "batches": Page(
        "billing/batches.html", claims.BatchesView(BATCH_ROWS), shell("billing", "/billing/batches", NY)
    ),
    "batch": Page("billing/batch.html", BATCH, shell("billing", "/billing/batches", NY)),
    "batch-refused": Page(
        "billing/batch.html",
        replace(
            BATCH,
            sha256="",
            acks=(),
            claims=(),
            waiting_for="",
            findings=("claim 2: missing_subscriber NM109",),
        ),
        shell("billing", "/billing/batches", NY),
    ),
    "claims": Page(
        "billing/claims.html",
        claims.ClaimsView(CLAIM_ROWS, (Choice("paid", "Paid"),), ""),
        shell("billing", "/billing/claims", NY),
    ),
    "worklist": Page(
        "billing/worklist.html",
        coverage_samples.worklist(NOW, ident),
        shell("billing", "/billing/worklist", NY),
    ),
    "cover_that_waits": Page(
        "billing/cover.html", coverage_samples.cover(NOW, ident), shell("billing", "/billing/worklist", NY)
    ),
    "ageing": Page("billing/ageing.html", AGEING, shell("billing", "/billing/ageing", NY)),
}
