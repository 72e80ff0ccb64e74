"""The served page in a real browser: it draws, answers clicks, and talks to nobody else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlparse

import pytest

from mdss.report.palette import DARK, LIGHT
from mdss.ui.theme import streamlit_options

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Streamlit looks for its own server below the page's path first; both are answered with 404.
ITS_OWN_PROBES = ("/_stcore/health", "/_stcore/host-config")


def missing(what: str) -> None:
    """Skip with the reason; under CI a missing tool is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is needed under CI")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page, served from an empty folder as the command line does it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    folder = tmp_path_factory.mktemp("elsewhere")
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(ROOT / "app.py"),
        f"--server.port={port}",
        "--server.address=localhost",
        *streamlit_options(),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MDSS_SCENARIO": "observer7_fragment49863",
    }
    with (
        (folder / "log.txt").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            wait_until_healthy(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.25)
    pytest.fail("the server did not answer within a minute")


@dataclass
class Seen:
    """A page with what its browser said and asked for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def note(self, message: Any) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(ITS_OWN_PROBES):
            self.errors.append(f"{message.text} {where}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    if CHROMIUM is None:
        missing("Chromium")
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


DARK_WIDE = pytest.param(("dark", 1920, 1080), id="dark")
LIGHT_NARROW = pytest.param(("light", 1280, 800), id="light")


@pytest.fixture(params=[DARK_WIDE, LIGHT_NARROW])
def seen(request: pytest.FixtureRequest, browser: Any, served: str) -> Iterator[Seen]:
    theme, width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    one = Seen(page)
    page.on("console", one.note)
    page.on("request", lambda asked: one.hosts.add(urlparse(asked.url).hostname or "inline"))
    page.set_default_timeout(90_000)
    page.goto(served)
    page.wait_for_selector(".m-table", timeout=90_000)
    page.wait_for_selector(".st-key-history .js-plotly-plot .xy", timeout=90_000)
    page.wait_for_timeout(1000)
    yield one
    page.close()


def chosen_letter(page: Any) -> str:
    return str(page.locator("thead .chosen .m-letter").inner_text())


def rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize("seen", [DARK_WIDE], indirect=True)
def test_the_page_draws_answers_clicks_and_asks_nobody_else(seen: Seen) -> None:
    page = seen.page
    assert page.locator(".m-table tbody tr").count() == 12
    assert page.locator(".js-plotly-plot").count() == 4
    assert chosen_letter(page) == "F"

    letter = page.locator(".st-key-trade .textpoint text", has_text="E").first.bounding_box()
    page.mouse.click(letter["x"] + letter["width"] / 2, letter["y"] + letter["height"] / 2)
    page.wait_for_function("document.querySelector('thead .chosen .m-letter').innerText === 'E'")

    plot = page.locator(".st-key-trade .nsewdrag").first.bounding_box()
    page.mouse.click(plot["x"] + 0.5 * plot["width"], plot["y"] + 0.55 * plot["height"])
    page.wait_for_selector(".st-key-trade .m-note:has-text('Your point.')")

    page.get_by_role("radio", name="B", exact=True).click()
    page.wait_for_function("document.querySelector('thead .chosen .m-letter').innerText === 'B'")

    page.get_by_role("radio", name="Dilution", exact=True).click()
    page.wait_for_function(
        "document.querySelectorAll('.st-key-rests .js-plotly-plot').length === 2",
        timeout=30_000,
    )

    assert seen.errors == []
    assert seen.hosts - {"inline"} == {"localhost"}


@pytest.mark.parametrize("seen", [LIGHT_NARROW], indirect=True)
def test_the_trade_off_is_computed_on_request_linked_to_the_table_and_ranked_at_once(
    seen: Seen,
) -> None:
    page = seen.page
    assert page.locator(".m-table.front").count() == 0
    page.get_by_role("button", name="Compare thousands of plans").click()
    page.wait_for_selector(".m-table.front", timeout=90_000)
    page.wait_for_selector(".st-key-front .js-plotly-plot .xy", timeout=30_000)
    assert page.locator(".st-key-front .js-plotly-plot").count() == 2
    assert "By the policy's weights" in page.locator(".st-key-ranking .m-note").inner_text()

    trade = page.locator(".m-table.front .m-letter", has_text="P").first.inner_text()
    page.locator(".st-key-front").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    letter = page.locator(".st-key-front .textpoint text", has_text=trade).first.bounding_box()
    page.mouse.click(letter["x"] + letter["width"] / 2, letter["y"] + letter["height"] / 2)
    page.wait_for_function(
        "label => document.querySelector('thead .chosen .m-letter').innerText === label", arg=trade
    )
    assert page.locator(".m-table.front tr.chosen .m-letter").inner_text() == trade

    page.get_by_role("radio", name="B", exact=True).click()
    page.wait_for_function("document.querySelector('thead .chosen .m-letter').innerText === 'B'")
    assert page.get_by_role("radio", name=trade, exact=True).count() == 0

    slider = page.locator(".st-key-sliders input[type=range]").nth(1)
    slider.focus()
    for _ in range(6):
        slider.press("ArrowRight")
    page.wait_for_selector(".m-note:has-text('By changed weights, not the policy')")
    page.get_by_role("button", name="Back to policy weights").click()
    page.wait_for_selector(".m-note:has-text('By the policy')")

    assert seen.errors == []
    assert seen.hosts - {"inline"} == {"localhost"}
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= page.viewport_size["width"]


def test_the_theme_holds_in_another_folder_and_nothing_is_too_small_or_too_wide(
    seen: Seen, request: pytest.FixtureRequest
) -> None:
    page = seen.page
    colors = LIGHT if "light" in request.node.name else DARK
    background = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    assert background == rgb(colors.page)
    smallest = page.evaluate(
        """Math.min(...[...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().width > 0 && [...e.childNodes]
            .some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
    )
    assert smallest >= 12
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= page.viewport_size["width"]
    cut = page.evaluate(
        """[...document.querySelectorAll('.m-table td .v, .m-table td small, .m-strip .value')]
        .filter(e => e.getBoundingClientRect().left
            < e.closest('td, .m-strip > div').getBoundingClientRect().left - 1)
        .map(e => e.textContent)"""
    )
    assert cut == []
