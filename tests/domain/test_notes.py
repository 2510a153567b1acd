"""Notes have the sections of their kind; diagnoses have the shape that a claim can carry."""

import pytest

from domain.errors import Invalid
from domain.notes import SECTIONS, NoteKind, check_codes, check_sections


@pytest.mark.parametrize("kind", NoteKind)
def test_each_kind_takes_its_own_sections_and_no_others(kind: NoteKind) -> None:
    check_sections(kind, {SECTIONS[kind][0]: "Words."})
    with pytest.raises(Invalid):
        check_sections(kind, {"unheard_of": "Words."})
    with pytest.raises(Invalid):
        check_sections(kind, {SECTIONS[kind][0]: " \n"})
    with pytest.raises(Invalid):
        check_sections(kind, {SECTIONS[kind][0]: "x" * 10_001})


def test_codes_come_back_in_capitals_in_their_order() -> None:
    assert check_codes([" f41.1 ", "Z63.0"]) == ["F41.1", "Z63.0"]


@pytest.mark.parametrize(
    "codes", [[], ["Z63.0"], ["F411", "F41.1"], ["41.1"], [f"F{n}1.1" for n in range(13)]]
)
def test_what_a_payer_would_refuse_is_refused_here(codes: list[str]) -> None:
    with pytest.raises(Invalid):
        check_codes(codes)
