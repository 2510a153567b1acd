"""What an administrator keeps, and what anybody may read of it."""

from __future__ import annotations

from tests.web import consent_samples, leaving_samples, licence_samples, payer_samples
from tests.web.given import NOW, NY, OUT, Page, ident, shell

PAGES: dict[str, Page] = {
    "screening": Page(
        "admin/screening.html",
        consent_samples.screening(),
        shell("administrator", "/admin/questionnaires", NY),
    ),
    "licences": Page(
        "admin/licences.html", licence_samples.everybody(), shell("administrator", "/licences", NY)
    ),
    "licence-holder": Page(
        "admin/licence_holder.html", licence_samples.holder(NOW), shell("administrator", "/licences", NY)
    ),
    "retention": Page(
        "admin/retention.html",
        leaving_samples.retention(NOW, ident(1)),
        shell("administrator", "/retention", NY),
    ),
    "payers": Page(
        "admin/payers.html", payer_samples.payers(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "payer": Page(
        "admin/payer.html", payer_samples.payer(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "contracts": Page(
        "admin/contracts.html", payer_samples.contracts(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "insurance-plans": Page(
        "admin/plans.html", payer_samples.plans(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "prices": Page("admin/prices.html", payer_samples.prices(), shell("administrator", "/admin/payers", NY)),
    "estimates": Page(
        "admin/estimates.html", payer_samples.estimates(), shell("administrator", "/admin/payers", NY)
    ),
    "sponsors": Page(
        "admin/sponsors.html",
        payer_samples.sponsor_list(ident(1)),
        shell("administrator", "/admin/payers", NY),
    ),
    "sponsor-new": Page(
        "admin/sponsor_new.html", payer_samples.sponsor_new(), shell("administrator", "/admin/payers", NY)
    ),
    "sponsor": Page(
        "admin/sponsor.html", payer_samples.sponsor(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "roster": Page(
        "admin/roster.html", payer_samples.roster(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "public-payers": Page("public/payers.html", payer_samples.public_list(), OUT),
    "public-payer": Page("public/payer.html", payer_samples.public_payer(), OUT),
}
