"""A file says what the screen says, and no cell of it runs."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest

from reports.cells import percent, safe_text
from reports.exports import to_csv, to_html, to_json, to_xlsx
from reports.report import (
    NOT_REACHED,
    Chart,
    Column,
    Kind,
    Mark,
    Period,
    Report,
    Unsound,
    check_total,
    frame_of,
)

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


SHARES = (
    Column("week", "Week"),
    Column("n", "n", Kind.COUNT),
    Column("kept", "Kept", Kind.SHARE),
    Column("low", "from", Kind.SHARE),
    Column("high", "to", Kind.SHARE),
    Column("p50", "Median", Kind.DURATION),
    Column("p90", "90th", Kind.DURATION),
)


def figures(mark: Mark = Mark.LINE, week: str = "2026-W10") -> Report:
    """Two weeks with figures, one without between them."""
    rows = [
        {"week": week, "n": 40, "kept": 0.875, "low": 0.7, "high": 0.95, "p50": 4_500, "p90": NOT_REACHED},
        {"week": "2026-W11", "n": 0, "kept": None, "low": None, "high": None, "p50": None, "p90": None},
        {"week": "2026-W12", "n": 9, "kept": 1.0, "low": 0.7, "high": 1.0, "p50": 59, "p90": 200_000},
    ]
    return Report(
        "test",
        "A test",
        "Kept = all of it",
        Period(date(2026, 3, 2), date(2026, 3, 22)),
        datetime(2026, 4, 1, 12, tzinfo=UTC),
        SHARES,
        frame_of(SHARES, rows),
        about="Items of these weeks.",
        overall={"n": 49, "kept": 0.9, "p50": 4_000, "p90": NOT_REACHED},
        notes=("=Read with care",),
        charts=(
            Chart("87.5% & more", mark, "week", ("kept",), *(("low", "high") if mark is Mark.LINE else ())),
        ),
    )


def test_shares_and_durations_are_told_in_the_words_of_each_form() -> None:
    made = figures()
    rows = list(csv.reader(io.StringIO(to_csv(made).decode("utf-8-sig"))))
    assert rows[1][0].startswith("Items of these weeks. Made 2026-04-01")
    assert rows[4:] == [
        ["2026-W10", "40", "87.5%", "70.0%", "95.0%", "1:15", "not reached"],
        ["2026-W11", "0", "", "", "", "", ""],
        ["2026-W12", "9", "100.0%", "70.0%", "100.0%", "0:00", "55:33"],
        ["Total", "49", "90.0%", "", "", "1:06", "not reached"],
        ["'=Read with care"],
    ]
    document = to_json(made)
    assert document["rows"][0]["kept"] == 0.875
    assert (document["rows"][0]["p50"], document["rows"][0]["p90"]) == ("PT1H15M", None)
    assert document["totals"] == {"n": 49, "kept": 0.9, "p50": "PT1H6M40S", "p90": None}
    page = to_html(made).decode()
    for words in ("1 h 15 min", "not reached", "59 s", "2 d 7 h", "87.5%"):
        assert f"<td>{words}</td>" in page


def test_a_share_is_never_rounded_to_all_or_to_none() -> None:
    assert [percent(share) for share in (0.99999, 0.00001, 1.0, 0.0)] == ["99.9%", "0.1%", "100.0%", "0.0%"]


@pytest.mark.parametrize("mark", list(Mark))
def test_the_chart_in_the_page_says_its_figures_in_words(mark: Mark) -> None:
    page = to_html(figures(mark)).decode()
    assert 'role="img"' in page
    assert "87.5% &amp; more. 2026-W10: Kept 87.5%; 2026-W12: Kept 100.0%." in page
    assert page.count("<circle" if mark is Mark.LINE else '<rect class="bar"') == 2
    assert "<polyline" not in page  # between them a week has no figure: no line goes through it


@pytest.mark.parametrize("mark", list(Mark))
def test_the_workbook_has_a_chart_of_the_cells_themselves(mark: Mark) -> None:
    with ZipFile(BytesIO(to_xlsx(figures(mark)))) as parts:
        assert parts.testzip() is None
        chart = parts.read("xl/charts/chart1.xml").decode()
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                fromstring(parts.read(name))  # noqa: S314  a file of ours
    assert "'A test'!$C$6:$C$8" in chart
    assert "0.875" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize("text", EVIL)
def test_a_name_on_a_chart_is_no_markup_and_no_formula(text: str) -> None:
    made = figures(Mark.BARS, f"{text}<script>")
    assert "<script>" not in to_html(made).decode()
    with ZipFile(BytesIO(to_xlsx(made))) as parts:
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()


def test_a_chart_of_nothing_is_not_drawn() -> None:
    made = figures()
    empty = replace(made, frame=frame_of(SHARES, []))
    assert "<svg" not in to_html(empty).decode()
    with ZipFile(BytesIO(to_xlsx(empty))) as parts:
        assert "xl/charts/chart1.xml" not in parts.namelist()
