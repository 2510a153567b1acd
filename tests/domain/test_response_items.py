"""Which messages open, join, close or waive an item: the shared sequences, then the rules one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import asks, is_pure_acknowledgement, is_substantive
from domain.errors import Invalid
from domain.response_items import (
    Answerer,
    ClientClosedQuestion,
    ClientMessage,
    ClientUnsend,
    ClinicianMessage,
    ClinicianNoReply,
    CrisisRead,
    Discharge,
    Event,
    Item,
    ItemKind,
    ItemState,
    NoReplyReason,
    RoomActivated,
    item_kind,
    ledger,
    may_be_waived,
)


def at(minutes: int) -> datetime:
    return datetime(2026, 5, 11, 9, tzinfo=UTC) + timedelta(minutes=minutes)


def only(*events: Event) -> Item:
    (item,) = ledger(events).items
    return item


ANSWERED = ClinicianMessage(at(0))
WROTE = ClientMessage(at(10), "I had a hard day")


def test_a_holding_or_automatic_reply_does_not_stop_the_clock_and_a_voice_reply_does() -> None:
    assert is_substantive("audio", holding=False, automatic=False)
    assert is_substantive("video", holding=False, automatic=False)
    assert not is_substantive("text", holding=True, automatic=False)
    assert not is_substantive("text", holding=False, automatic=True)
    assert not is_substantive("system", holding=False, automatic=False)
    item = only(ANSWERED, WROTE, ClinicianMessage(at(11), substantive=False))
    assert item.state is ItemState.OPEN


def test_an_automatic_reply_is_no_first_answer() -> None:
    items = ledger([ClinicianMessage(at(0), substantive=False), WROTE]).items
    assert [item.kind for item in items] == [ItemKind.FIRST_RESPONSE]


@pytest.mark.parametrize("who", list(Answerer))
def test_primary_cover_and_supervisor_close_an_item(who: Answerer) -> None:
    item = only(ANSWERED, WROTE, ClinicianMessage(at(20), by=who))
    assert (item.state, item.answered_by, item.closed) == (ItemState.ANSWERED, who, at(20))


def test_the_item_opens_at_the_first_unanswered_message_and_later_ones_do_not_move_it() -> None:
    item = only(ANSWERED, WROTE, ClientMessage(at(30), "and another thing"))
    assert (item.opened, item.client_messages, item.last_client_at) == (at(10), 2, at(30))


def test_the_welcome_is_owed_from_the_opening_of_the_room_without_any_message() -> None:
    item = only(RoomActivated(at(0)))
    assert (item.kind, item.opened, item.client_messages) == (ItemKind.WELCOME, at(0), 0)


def test_a_room_that_opens_again_owes_no_second_welcome() -> None:
    assert len(ledger([RoomActivated(at(0)), ClinicianMessage(at(5)), RoomActivated(at(9))]).items) == 1


def test_first_response_holds_until_there_is_a_substantive_answer() -> None:
    assert item_kind(room_opened=True, answered_before=False) is ItemKind.WELCOME
    assert item_kind(room_opened=False, answered_before=False) is ItemKind.FIRST_RESPONSE
    assert item_kind(room_opened=False, answered_before=True) is ItemKind.NEXT_RESPONSE


@pytest.mark.parametrize("text", ["thanks!", "Thank you.", "OK", "  ok, thanks ", "Got it!", "👍", "❤️", "¡"])
def test_only_the_closed_list_acknowledges(text: str) -> None:
    expected = text != "¡"
    found = is_pure_acknowledgement(text, has_media=False, risk_flagged=False, last_clinician_asked=False)
    assert found is expected


@pytest.mark.parametrize(
    "text",
    [
        "thanks?",
        "ok？",
        "ok...",
        "fine",
        "whatever",
        "thanks, but what should I do tonight?",
        "ok I can't go on",
        "thanks                     .",
        "",
        None,
    ],
)
def test_what_may_say_more_is_no_acknowledgement(text: str | None) -> None:
    assert not is_pure_acknowledgement(text, has_media=False, risk_flagged=False, last_clinician_asked=False)


def test_media_risk_or_an_open_question_make_thanks_more_than_thanks() -> None:
    for media, risk, asked in (
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (False, False, None),
    ):
        assert not is_pure_acknowledgement(
            "thanks", has_media=media, risk_flagged=risk, last_clinician_asked=asked
        )


def test_thanks_before_anybody_wrote_opens_a_clock() -> None:
    assert only(ClientMessage(at(0), "thanks")).state is ItemState.OPEN


def test_ok_to_a_question_opens_a_clock_also_after_an_automatic_reply() -> None:
    for events in (
        [ClinicianMessage(at(0), asked=True)],
        [ClinicianMessage(at(0), asked=True), ClinicianMessage(at(1), substantive=False)],
    ):
        assert only(*events, ClientMessage(at(5), "ok")).kind is ItemKind.NEXT_RESPONSE


def test_thanks_while_an_answer_is_owed_joins_the_item() -> None:
    assert only(ANSWERED, WROTE, ClientMessage(at(12), "thanks")).client_messages == 2


def test_a_voice_message_of_the_clinician_may_have_asked_something() -> None:
    assert asks(None)
    assert asks("¿Qué tal")
    assert not asks("Take care.")


def test_a_flagged_message_is_owed_a_human_reader_in_fifteen_minutes_besides_its_answer() -> None:
    state = ledger([ANSWERED, ClientMessage(at(10), "...", risk_flagged=True), Discharge(at(20))])
    assert [(item.opened, item.due, item.read_at) for item in state.crisis_items] == [(at(10), at(25), None)]
    assert state.items[0].state is ItemState.OPEN
    read = ledger(
        [ANSWERED, ClientMessage(at(10), "...", risk_flagged=True), CrisisRead(at(12)), CrisisRead(at(13))]
    )
    assert read.crisis_items[0].read_at == at(12)


@pytest.mark.parametrize(
    "ending",
    [
        ClientClosedQuestion(at(20)),
        ClinicianNoReply(at(20), NoReplyReason.NOTHING_ASKED),
        ClientUnsend(at(20)),
        Discharge(at(20)),
    ],
)
def test_an_item_flagged_for_risk_cannot_be_waived(ending: Event) -> None:
    flagged = ClientMessage(at(10), "...", risk_flagged=True)
    assert only(ANSWERED, flagged, ending).state is ItemState.OPEN
    assert not may_be_waived(only(ANSWERED, flagged))
    plain = only(ANSWERED, WROTE, ending)
    assert plain.state in (ItemState.WAIVED, ItemState.CANCELLED)
    assert not may_be_waived(plain)


def test_no_reply_needed_keeps_its_reason() -> None:
    item = only(ANSWERED, WROTE, ClinicianNoReply(at(20), NoReplyReason.ANSWERED_IN_SESSION))
    assert (item.state, item.reason) == (ItemState.WAIVED, "answered_in_session")


def test_unsending_cancels_only_a_sole_message_and_never_the_welcome() -> None:
    assert only(ANSWERED, WROTE, ClientUnsend(at(11))).state is ItemState.CANCELLED
    assert only(ANSWERED, WROTE, ClientMessage(at(11), "more"), ClientUnsend(at(12))).state is ItemState.OPEN
    assert only(RoomActivated(at(0)), WROTE, ClientUnsend(at(11))).state is ItemState.OPEN


def test_after_a_waiver_the_next_message_opens_a_new_item() -> None:
    items = ledger(
        [ANSWERED, WROTE, ClientClosedQuestion(at(20)), ClientMessage(at(30), "one more thing")]
    ).items
    assert [(item.state, item.opened) for item in items] == [
        (ItemState.WAIVED, at(10)),
        (ItemState.OPEN, at(30)),
    ]


def test_events_out_of_order_are_refused() -> None:
    with pytest.raises(Invalid):
        ledger([WROTE, ANSWERED])


kinds = st.sampled_from(
    [
        RoomActivated,
        ClientMessage,
        ClinicianMessage,
        ClientClosedQuestion,
        ClientUnsend,
        Discharge,
        CrisisRead,
    ]
)


@given(st.lists(kinds, max_size=12))
def test_at_most_one_item_is_open_and_a_client_who_wrote_last_is_owed_one(kinds: list[type[Event]]) -> None:
    events = [kind(at(n)) for n, kind in enumerate(kinds)]
    state = ledger(events)
    assert all(item.state is not ItemState.OPEN for item in state.items[:-1])
    if kinds and kinds[-1] is ClientMessage:
        assert state.open_item is not None
    if kinds and kinds[-1] is ClinicianMessage:
        assert state.open_item is None
