"""The door, one's account and what is told to it."""

from __future__ import annotations

from dataclasses import replace

from api.notice_words import text_of
from tests.web import consent_samples, leaving_samples, notice_settings_samples, payer_samples
from tests.web.given import CLIENT, IN_ROOM, LA, NOW, NY, OUT, THERAPIST, Page, at, ident, shell
from web.views import accounts, clocks, notices
from web.views import help as crisis
from web.views.shell import Form

TOLD = tuple(
    notices.Notice(ident(200 + n), text_of(template), "/journey", at(hours=-ago), n < 2)
    for n, (template, ago) in enumerate(
        [("answer_is_late", 1), ("check_in_asked", 2), ("cover_arranged", 30), ("room_opened", 34)]
    )
)
NOTICES = notices.NoticesView(
    days=(notices.Day(at(hours=-1), TOLD[:2]), notices.Day(at(hours=-30), TOLD[2:])),
    filters=tuple(
        clocks.Filter(name, path, None, name == "All")
        for name, path in (("All", "/notices"), ("Unread", "/notices?unread=true"))
    ),
    address="/notices",
    newest=TOLD[0].notice_id,
    next_href=f"/notices?cursor={TOLD[3].notice_id}",
)

PAGES: dict[str, Page] = {
    "sign-in": Page("sign_in.html", accounts.SignInView(), OUT),
    "sign-in-code": Page(
        "sign_in.html",
        accounts.SignInView(
            Form(
                {"username": "lin@example.org"},
                problem="That did not match. Check the name and the password.",
            ),
            "",
            True,
        ),
        OUT,
    ),
    "sign-up": Page(
        "sign_up.html",
        accounts.SignUpView(
            Form({"time_zone": LA}, errors={"password": "Use at least 12 characters."}),
            (LA, NY, "America/Chicago"),
        ),
        OUT,
    ),
    "sign-up-sent": Page("sign_up.html", accounts.SignUpView(sent=True), OUT),
    "confirm": Page(
        "confirm.html", accounts.ConfirmView(ident(1), "That was not the password you chose."), OUT
    ),
    "locked": Page("locked.html", accounts.LockedView(3), OUT),
    "help": Page("help.html", crisis.HelpView(), OUT),
    "help-paged": Page("help.html", crisis.HelpView(at(seconds=-90)), IN_ROOM),
    "help-failed": Page("help.html", crisis.HelpView(failed=True), OUT),
    "problem": Page(
        "problem.html",
        accounts.ProblemView("Not here", "There is no such page, or it is not yours to open."),
        OUT,
    ),
    "account": Page(
        "account.html",
        accounts.AccountView(
            (
                accounts.Device(ident(1), "Firefox on a laptop", at(days=-1), at(minutes=-1), True),
                accounts.Device(ident(2), "Chrome on a phone", at(days=-3), at(hours=-9), False),
            )
        ),
        shell("client", "/account"),
    ),
    "account-passcode": Page(
        "account.html",
        accounts.AccountView(
            (accounts.Device(ident(1), "Firefox on a laptop", at(days=-1), at(minutes=-1), True),),
            True,
            Form(
                errors={"current": "That was not the passcode. 4 tries left, then this device is signed out."}
            ),
        ),
        shell("supervisor", "/account", NY),
    ),
    "letters": Page("account/letters.html", consent_samples.letters(), replace(CLIENT, here="/letters")),
    "agreements": Page(
        "account/agreements.html", consent_samples.signed(NOW), replace(CLIENT, here="/agreements")
    ),
    "agreement": Page(
        "account/agreement.html", consent_samples.reworded(NOW), replace(CLIENT, here="/agreements")
    ),
    "notice-settings": Page(
        "account/notices.html", notice_settings_samples.clients(), replace(CLIENT, here="/account")
    ),
    "notice-settings-off": Page(
        "account/notices.html", notice_settings_samples.therapists(), replace(THERAPIST, here="/account")
    ),
    "leaving": Page("account/leaving.html", leaving_samples.leaving(NOW, ident(1)), CLIENT),
    "leaving-no-care": Page("account/leaving.html", leaving_samples.no_care(NOW), CLIENT),
    "leaving-sealed": Page("account/leaving.html", leaving_samples.sealed(NOW), CLIENT),
    "receipts": Page("account/receipts.html", payer_samples.receipts(), CLIENT),
    "notices": Page("notices.html", NOTICES, replace(shell("client", "/notices"), unread=2)),
    "notices-none": Page(
        "notices.html",
        replace(NOTICES, days=(), newest="", only_unread=True, next_href=""),
        replace(shell("supervisor", "/notices", NY), unread=100),
    ),
}
