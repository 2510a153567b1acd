"""The door: signing up and in, devices, the lock; all as plain forms."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.checks import arrives
from tests.browser.clinic import Clinic

WORDS = "three quiet green rivers"


async def sign_up(clinic: Clinic, email: str) -> Page:
    """A new client up to the door."""
    page = await (await clinic.browser.new_context(service_workers="block")).new_page()
    await page.goto(f"{clinic.address}/sign-up")
    await page.fill("[name=legal_name]", "Maya Reyes")
    await page.fill("[name=date_of_birth]", "1990-04-02")
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", WORDS)
    await page.select_option("[name=time_zone]", "America/Los_Angeles")
    await page.click("button.primary")
    await arrives(page, "/sign-in")
    return page


async def sign_in(page: Page, email: str, password: str = WORDS) -> None:
    """Through the door."""
    await page.fill("[name=username]", email)
    await page.fill("[name=password]", password)
    await page.click("button.primary")


async def test_a_new_client_signs_up_signs_in_and_sees_what_comes_next(clinic: Clinic) -> None:
    page = await sign_up(clinic, "maya@example.org")
    await sign_in(page, "maya@example.org", "not the password")
    await expect(page.get_by_role("alert")).to_contain_text("That did not match")
    assert await page.input_value("[name=username]") == "maya@example.org"
    await sign_in(page, "maya@example.org")
    await arrives(page, "/journey")
    await expect(page.locator(".steps .current .name").first).to_have_text("About you")
    session = next(each for each in await page.context.cookies() if each["name"] == "kindroom")
    assert session["httpOnly"] is True
    assert session["sameSite"] == "Lax"


async def test_signing_up_twice_looks_the_same_both_times(clinic: Clinic) -> None:
    first = await sign_up(clinic, "ana@example.org")
    second = await sign_up(clinic, "ana@example.org")
    assert first.url == second.url
    await expect(second.locator("main")).to_have_text(await first.locator("main").inner_text())


async def test_what_was_typed_is_kept_and_the_wrong_field_is_named(clinic: Clinic) -> None:
    page = await (await clinic.browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{clinic.address}/sign-up")
    await page.fill("[name=legal_name]", "Maya Reyes")
    await page.fill("[name=date_of_birth]", "2020-04-02")
    await page.fill("[name=email]", "maya@example.org")
    await page.fill("[name=password]", WORDS)
    await page.click("button.primary")
    await expect(page.locator("#date_of_birth-error")).to_contain_text("at least 13")
    assert await page.input_value("[name=legal_name]") == "Maya Reyes"
    assert await page.input_value("[name=password]") == ""


async def test_another_device_is_signed_out_at_once(clinic: Clinic) -> None:
    page = await sign_up(clinic, "jon@example.org")
    await sign_in(page, "jon@example.org")
    await arrives(page, "/journey")
    other = await (await clinic.browser.new_context(service_workers="block")).new_page()
    await other.goto(f"{clinic.address}/sign-in")
    await sign_in(other, "jon@example.org")
    await arrives(other, "/journey")
    await page.goto(f"{clinic.address}/account")
    await page.get_by_role("button", name="Sign out there").click()
    await expect(page.get_by_role("button", name="Sign out there")).to_have_count(0)
    await arrives(other, "/sign-in")  # by itself; and there is no way back
    await other.goto(f"{clinic.address}/account")
    await arrives(other, "/sign-in")


async def test_a_locked_device_shows_the_lock_and_help_and_nothing_else(clinic: Clinic) -> None:
    page = await sign_up(clinic, "lee@example.org")
    await sign_in(page, "lee@example.org")
    await arrives(page, "/journey")
    await page.evaluate(
        """async () => {
            const token = document.cookie.match(/kindroom_csrf=([^;]*)/)[1];
            const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
            const passcode = JSON.stringify({ passcode: "482915" });
            await fetch("/v1/me/passcode", { method: "PUT", headers, body: passcode });
            await fetch("/v1/me/lock", { method: "POST", headers });
        }"""
    )
    await arrives(page, "/locked")  # by itself; and there is no way round it
    await page.goto(f"{clinic.address}/journey")
    await arrives(page, "/locked")
    await expect(page.locator(".help-link")).to_be_visible()
    await page.fill("[name=passcode]", "000001")
    await page.click("button.primary")
    await expect(page.get_by_role("alert")).to_contain_text("4 tries left")
    await page.fill("[name=passcode]", "482915")
    await page.click("button.primary")
    await arrives(page, "/journey")


async def test_signing_out_ends_the_session_everywhere_in_this_browser(clinic: Clinic) -> None:
    page = await sign_up(clinic, "sam@example.org")
    await sign_in(page, "sam@example.org")
    await arrives(page, "/journey")
    kept = [each for each in await page.context.cookies() if each["name"] == "kindroom"]
    beside = await page.context.new_page()
    await beside.goto(f"{clinic.address}/account")
    await page.get_by_role("button", name="Sign out").click()
    await arrives(page, "/sign-in")
    await arrives(beside, "/sign-in")
    await page.context.add_cookies(kept)  # type: ignore[arg-type]
    await page.goto(f"{clinic.address}/journey")
    assert "/sign-in" in page.url


async def test_the_way_back_after_signing_in_never_leads_elsewhere(clinic: Clinic) -> None:
    page = await sign_up(clinic, "pia@example.org")
    await page.goto(f"{clinic.address}/sign-in?next=//evil.example/x")
    await sign_in(page, "pia@example.org")
    await arrives(page, "/journey")
    assert page.url.startswith(clinic.address)
