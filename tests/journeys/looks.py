"""How a page looks: in both colour schemes, on a wide screen and on a phone."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, NamedTuple

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

PICTURES = os.environ.get("PICTURES")
"""Where to leave pictures of the page, if anywhere; the front page of the project shows one."""

HEIGHTS = {1440: 900, 360: 740}


class Look(NamedTuple):
    """A colour scheme and a width."""

    scheme: Literal["light", "dark"]
    width: int


def both_schemes(width: int) -> tuple[Look, Look]:
    """By day and by night."""
    return Look("light", width), Look("dark", width)


async def show(page: Page, look: Look) -> None:
    """Show the page so from now on."""
    await page.emulate_media(color_scheme=look.scheme)
    await page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})


async def require_good_looks(page: Page, name: str, *looks: Look) -> None:
    """Nothing for axe to complain of and no sideways scrolling, in each of these `looks`."""
    for look in looks:
        await show(page, look)
        what = f"{name}-{look.scheme}-{look.width}"
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{what}.png", animations="disabled")
        await _require_no_sideways_scroll(page, what)
        await _require_accessible(page, what)


async def require_good_looks_everywhere(
    page: Page, name: str, come: Callable[[], Awaitable[None]]
) -> None:
    """The same in every look; `come` leads to the page, once for each width."""
    for width in HEIGHTS:
        await show(page, Look("light", width))
        await come()
        await require_good_looks(page, name, *both_schemes(width))


async def _require_accessible(page: Page, what: str) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"


async def _require_no_sideways_scroll(page: Page, what: str) -> None:
    wide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0, f"{what}: the page is {wide} px too wide"
