"""Accounts in a real browser: a manager creates one, and its pages offer what its role includes."""

from pathlib import Path
from typing import Any

import pytest

from support.browser_stage import (
    PASSWORD,
    find_browser,
    open_browser,
    open_house,
    sign_in,
    visiting,
)

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect
OWN = "Battery-Staple-2"
#: Buttons of each page that change something for everybody.
CONTROLS = {
    "/": "#scan, #select",
    "/queue": "#start, #pause, #resume, #stop, #clear-failed",
    "/system": "#scan-start",
}


async def _enter(page: Any, password: str, name: str = "") -> None:
    if name:
        await page.locator("#username").fill(name)
    await page.locator("#password").fill(password)
    await page.locator("#send").click()


async def test_a_user_is_created_and_sees_what_the_role_includes(tmp_path: Path) -> None:
    """The account is created on the page; with the role *View* no page offers a change."""
    async with open_browser(BROWSER) as browser, open_house(tmp_path) as house:
        await sign_in(browser, house)
        async with visiting(browser, house.address) as visit:
            page = visit.page
            await page.goto(f"{house.address}/users")
            await page.wait_for_url("**/login")
            await _enter(page, PASSWORD)
            await page.wait_for_url("**/users")
            await page.locator("#new-name").fill("Ann")
            await page.locator("#first-password").fill(OWN)
            await page.locator("#add-send").click()
            await expect(page.locator("#accounts strong")).to_have_text("Ann")
        async with visiting(browser, house.address) as visit:
            page = visit.page
            await page.goto(f"{house.address}/login")
            await _enter(page, OWN, "ann")
            await page.wait_for_url(f"{house.address}/")
            for path, controls in CONTROLS.items():
                await page.goto(house.address + path)
                await expect(page.locator("#user-name")).to_have_text("Ann · View")
                for control in await page.locator(controls).all():
                    await expect(control).to_be_hidden()
            await page.goto(f"{house.address}/settings")
            await expect(page.locator(".role-notice")).to_be_visible()
            await expect(page.locator(".settings")).to_be_hidden()
            await page.goto(f"{house.address}/users")
            await expect(page.locator("#new-password, #key-name").first).to_be_visible()
            await expect(page.locator("#add-user")).to_be_hidden()
