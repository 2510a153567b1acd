"""Every page, rendered with believable content: what must hold on each of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.web.samples import PAGES
from web.assets import STATIC
from web.templating import environment, render


class Seen(HTMLParser):
    """What a page holds, as far as these promises need it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] in ("script", "style") and data.strip():
            raise AssertionError(f"inline {self._inside[-1]}")
        self.text.append(data)


def read(name: str) -> Seen:
    page = PAGES[name]
    seen = Seen()
    seen.feed(render(page.template, page.view, page.shell))
    return seen


@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_an_inline_script_style_or_handler(name: str) -> None:
    for tag, attributes in read(name).tags:
        assert tag != "style"
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/")
        for attribute, value in attributes.items():
            assert attribute != "style", (tag, attributes)
            assert not attribute.startswith("on"), (tag, attribute)
            assert not (value or "").lower().startswith("javascript:"), (tag, attribute)
            # Filters in hx-trigger and hx-on need eval, which the policy forbids.
            assert not attribute.startswith("hx-on"), (tag, attribute)
            assert attribute != "hx-trigger" or "[" not in (value or ""), (tag, value)


FULL = [name for name in PAGES if name != "room-promise"]


@pytest.mark.parametrize("name", FULL)
def test_help_is_one_tap_away_on_every_page_without_any_script(name: str) -> None:
    seen = read(name)
    assert any(tag == "a" and attributes.get("href") == "/help" for tag, attributes in seen.tags)


def test_help_shows_988_and_911_signed_out_and_asks_nothing_first() -> None:
    seen = read("help")
    links = {attributes.get("href") for tag, attributes in seen.tags if tag == "a"}
    assert {"tel:988", "sms:988", "tel:911"} <= links
    assert not [attributes for tag, attributes in seen.tags if tag == "input" and "required" in attributes]


@pytest.mark.parametrize("name", FULL)
def test_every_form_that_changes_something_carries_the_csrf_token(name: str) -> None:
    page = PAGES[name]
    html = render(page.template, page.view, page.shell)
    for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
        if re.search(r'method="post"', form):
            assert 'name="csrf_token" value="sample-token"' in form, form[:200]


HEALTH = re.compile(r"depress|anxi|suicid|phq|gad-|diagnos|therap|symptom|crisis|risk", re.IGNORECASE)


@pytest.mark.parametrize("name", FULL)
def test_no_health_word_stands_in_a_title_or_an_address(name: str) -> None:
    page = PAGES[name]
    html = render(page.template, page.view, page.shell)
    title = re.search(r"<title>(.*?)</title>", html)
    assert title is not None
    assert not HEALTH.search(title[1]), title[1]
    for address in re.findall(r'(?:href|action|hx-get)="(/[^"]*)"', html):
        if not address.startswith("/static/"):
            assert not HEALTH.search(address), address


@pytest.mark.parametrize("name", PAGES)
def test_every_time_names_its_zone(name: str) -> None:
    page = PAGES[name]
    html = render(page.template, page.view, page.shell)
    for attributes, body in re.findall(r"<time ([^>]*)>(.*?)</time>", html, re.DOTALL):
        words = re.sub(r"<[^>]+>", "", body)
        if re.search(r"\d:\d\d", words):
            assert re.search(r"[A-Z]{2,4}$|UTC", words.strip()) or "title=" in attributes, words


def test_what_people_write_is_text_and_never_markup() -> None:
    from dataclasses import replace

    page = PAGES["room"]
    message = replace(page.view.messages[0], text="<img src=x onerror=alert(1)>{{ 7*7 }}")  # type: ignore[attr-defined]
    html = render(
        page.template, replace(page.view, messages=(message,), draft="</textarea><script>"), page.shell
    )  # type: ignore[type-var]
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html


def test_an_undefined_name_in_a_template_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        environment().from_string("{{ view.nothing }}").render(view=PAGES["help"].view)


@pytest.mark.parametrize("path", sorted(STATIC.glob("js/*.js")), ids=lambda path: path.name)
def test_no_script_of_ours_builds_markup_or_code_from_strings(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert forbidden not in text
