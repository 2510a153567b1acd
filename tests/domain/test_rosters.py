"""Rosters: each row is taken or refused by itself, and a refusal repeats nothing of it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.insured import Relationship
from domain.rosters import MOST_ROWS, RefusedRow, RosterPerson, check_file, known_by, rows_of

TODAY = date(2026, 11, 22)
HEAD = "first_name,last_name,date_of_birth,relationship,from,until,authorisation,sessions,authorised_until\n"


def read(text: str) -> list[RosterPerson | RefusedRow]:
    content = (HEAD + text).encode()
    assert check_file(content) > 0
    return list(rows_of(content, today=TODAY))


def test_a_row_is_a_person_with_days_and_an_authorisation() -> None:
    (person,) = read("Ana,Rivera,1990-05-17,spouse,2026-01-01,2026-12-31,EAP-77,6,2027-01-31\n")
    assert person == RosterPerson(
        "Ana",
        "Rivera",
        date(1990, 5, 17),
        Relationship.SPOUSE,
        date(2026, 1, 1),
        date(2026, 12, 31),
        "EAP-77",
        6,
        date(2027, 1, 31),
    )
    assert "Rivera" not in repr(person)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",Rivera,1990-05-17", "first_name", "required"),
        ("Ana,,1990-05-17", "last_name", "required"),
        ("Ana,Rivera,", "date_of_birth", "required"),
        ("Ana,Rivera,17/05/1990", "date_of_birth", "not_a_date"),
        ("Ana,Rivera,2030-01-01", "date_of_birth", "not_a_date_of_birth"),
        ("Ana,Rivera,1990-05-17,cousin", "relationship", "unknown_relationship"),
        ("Ana,Rivera,1990-05-17,,2026-02-01,2026-01-01", "until", "range_empty"),
        ("Ana,Rivera,1990-05-17,,,,EAP-1", "sessions", "required"),
        ("Ana,Rivera,1990-05-17,,,,EAP-1,six,2027-01-01", "sessions", "not_a_number"),
        ("Ana,Rivera,1990-05-17,,,,,,,,more", "", "too_many_columns"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_column_alone(row: str, column: str, code: str) -> None:
    good, bad = read(f"Ben,Okoro,1988-02-03\n{row}\n")
    assert isinstance(good, RosterPerson)
    assert bad == RefusedRow(3, column, code)


def test_a_person_is_taken_once() -> None:
    rows = read("Ana,Rivera,1990-05-17\n\n ana , RIVERA ,1990-05-17\n")
    assert [type(row) for row in rows] == [RosterPerson, RefusedRow]
    assert rows[1] == RefusedRow(4, "last_name", "listed_twice")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"name,born\nA,B\n", "columns_differ"),
        (HEAD.encode(), "no_rows"),
        (b"", "columns_differ"),
        ("\xff\xfe".encode("latin-1"), "not_text"),
        (HEAD.encode() + b'"Ana', "not_csv"),
        (HEAD.encode() + b"A\x00,B,1990-01-01\n", "not_text"),
        (HEAD.encode() + b"a,b,1990-01-01\n" * (MOST_ROWS + 1), "too_many_rows"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_file(content)
    assert [(each.field, each.code) for each in refused.value.errors] == [("file", code)]


def test_a_person_is_found_without_middle_name_accents_and_case() -> None:
    born = date(1990, 5, 17)
    assert known_by("Ana Lucía Rivera", born) == known_by("ANA  RIVERA", born) == "ana|rivera|1990-05-17"
    assert known_by("Ana Rivera", date(1990, 5, 18)) != known_by("Ana Rivera", born)


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_whatever_stands_in_a_file_it_is_read_or_refused(text: str) -> None:
    content = (HEAD + text).encode()
    try:
        total = check_file(content)
    except Invalid:
        return
    assert len(list(rows_of(content, today=TODAY))) == total
