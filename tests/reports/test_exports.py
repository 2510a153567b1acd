"""A file says what the screen says, and no cell of it runs."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from reports.exports import safe_text, to_csv, to_html, to_json, to_xlsx
from reports.report import Column, Kind, Period, Report, Unsound, check_total, frame_of

COLUMNS = (
    Column("payer", "Payer"),
    Column("on", "On", Kind.DATE),
    Column("claims", "Claims", Kind.COUNT, summed=True),
    Column("owed", "Owed", Kind.MONEY, summed=True),
)
EVIL = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|'/c calc'!A0"]


def report(*payers: str) -> Report:
    rows = [
        {"payer": payer, "on": date(2026, 3, n + 1), "claims": n + 1, "owed": Decimal("-1234.50")}
        for n, payer in enumerate(payers)
    ]
    return Report(
        "test",
        "A test",
        "Owed = all of it",
        Period(date(2026, 1, 1), date(2026, 3, 31)),
        datetime(2026, 4, 1, 12, tzinfo=UTC),
        COLUMNS,
        frame_of(COLUMNS, rows),
    )


@pytest.mark.parametrize("text", EVIL)
def test_a_cell_that_starts_like_a_formula_is_disarmed_in_every_file(text: str) -> None:
    made = report(text)
    cells = [row[0] for row in csv.reader(io.StringIO(to_csv(made).decode("utf-8-sig"), newline=""))]
    assert f"'{text}" in cells
    with ZipFile(BytesIO(to_xlsx(made))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_a_negative_amount_stays_a_number() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(report("Cigna")).decode("utf-8-sig"))))
    assert rows[-2:] == [["Cigna", "2026-03-01", "1", "-1234.50"], ["Total", "", "1", "-1234.50"]]
    assert safe_text("Cigna") == "Cigna"


def test_formula_period_and_day_are_printed_on_every_form() -> None:
    made = report("Cigna", "Aetna")
    for text in (to_csv(made).decode(), to_html(made).decode()):
        assert "Owed = all of it" in text
        assert "As of 2026-03-31" in text
    document = to_json(made)
    assert (document["as_of"], document["from"], document["formula"]) == (
        "2026-03-31",
        "2026-01-01",
        "Owed = all of it",
    )
    assert document["totals"] == {"claims": 3, "owed": {"amount": "-2469.00", "currency": "USD"}}


def test_html_escapes_what_people_typed() -> None:
    page = to_html(report("<script>alert(1)</script>")).decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_empty_report_has_its_totals() -> None:
    made = report()
    assert made.totals == {"claims": 0, "owed": Decimal("0.00")}
    assert to_csv(made).decode("utf-8-sig").strip().splitlines()[-1] == "Total,,0,0.00"
    assert len(to_xlsx(made)) > 1_000


def test_figures_that_do_not_add_up_are_not_shown() -> None:
    check_total(Decimal("1.00"), Decimal("1.00"))
    check_total(Decimal("0.00"), None)
    with pytest.raises(Unsound):
        check_total(Decimal("1.00"), Decimal("1.01"))
