"""The report in Chromium: in light and dark, at several widths, printed, and read aloud."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.planted import FORMS

from anybank import migrate

from .chromium import Tab

WIDTHS = (320, 360, 800, 1000, 1280)
SCHEMES = ("light", "dark")

# The contrast of each text, bar and line with its background, the lowest first.
CONTRASTS = """
(() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => {
    const [r, g, b] = numbers(text).slice(0, 3).map(each => each / 255)
      .map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const clear = text => numbers(text)[3] === 0;
  const ground = element => {
    while (element && clear(getComputedStyle(element).backgroundColor))
      element = element.parentElement;
    return getComputedStyle(element || document.body).backgroundColor;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  };
  const found = [];
  for (const each of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(each), mark = each.tagName.toLowerCase();
    const own = [...each.childNodes].some(it => it.nodeType === 3 && it.data.trim());
    const drawn = ["rect", "polyline"].includes(mark) && !each.matches(".track");
    if ((!own && !drawn) || style.display === "none") continue;
    const ink = mark === "polyline" ? style.stroke
      : each.ownerSVGElement ? style.fill : style.color;
    found.push([contrast(ink, ground(each)), mark, each.textContent.slice(0, 30)]);
  }
  return found.sort((a, b) => a[0] - b[0]);
})()
"""

NAMELESS = """
[...document.querySelectorAll("a, summary, [role=region], svg[role=img], table")]
  .filter(each => !(each.getAttribute("aria-label") || each.caption?.textContent
    || each.textContent).trim())
  .map(each => each.outerHTML)
"""

UNHEADED = """
[...document.querySelectorAll("th")].filter(each => !each.scope)
  .concat([...document.querySelectorAll("svg")].filter(each =>
    !each.ownerSVGElement && each.getAttribute("aria-hidden") !== "true"
    && each.getAttribute("role") !== "img"))
  .map(each => each.outerHTML)
"""

CROSSWALK = """
(() => {
  const [, content] = document.querySelector("a[download]").href.split(/,(.*)/s);
  return decodeURIComponent(content);
})()
"""


def test_the_page_loads_without_requests_or_errors(
    browser: Tab, eventful: Path
) -> None:
    """The page is its only request, and the browser reports no error."""
    browser.show(eventful)
    requests = browser.events_of("Network.requestWillBeSent")
    assert [item["params"]["request"]["url"] for item in requests] == [
        eventful.as_uri()
    ]
    complaints = ("Log.entryAdded", "Runtime.exceptionThrown", "Audits.issueAdded")
    assert browser.events_of(*complaints, "Runtime.consoleAPICalled") == []


def test_a_forbidden_request_would_be_reported(browser: Tab, tmp_path: Path) -> None:
    """A request that the page's policy forbids is seen by the test above."""
    page = tmp_path / "bad.html"
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page.write_text(f"<!doctype html>{policy}<p style='color:red'>x")
    browser.show(page)
    browser.run("1")
    assert browser.events_of("Log.entryAdded", "Audits.issueAdded")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(
    browser: Tab, eventful: Path, width: int
) -> None:
    """The page needs no horizontal scrolling at any width."""
    browser.show(eventful, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("innerWidth") == width


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everything_can_be_read(browser: Tab, eventful: Path, scheme: str) -> None:
    """Every text, bar and line has a contrast of at least 4.5 with its background."""
    browser.show(eventful, scheme=scheme)
    result = browser.run(CONTRASTS)
    assert len(result) > 200
    assert [item for item in result if item[0] < 4.5] == []


def test_dark_is_dark(browser: Tab, eventful: Path) -> None:
    """The page follows the color scheme of the reader."""
    grounds = []
    for scheme in SCHEMES:
        browser.show(eventful, scheme=scheme)
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        grounds.append([int(item) for item in ground[4:-1].split(",")])
    light, dark = grounds
    assert min(light) > 240
    assert max(dark) < 40


def test_a_screen_reader_gets_everything(browser: Tab, eventful: Path) -> None:
    """The page has a language, one main heading, and a name for each chart and link."""
    browser.show(eventful)
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("document.querySelectorAll('h1').length") == 1
    assert browser.run("document.querySelectorAll('svg[role=img]').length") == 2
    assert browser.run(NAMELESS) == []
    assert browser.run(UNHEADED) == []


def test_tables_stay_tables_on_a_phone(browser: Tab, eventful: Path) -> None:
    """Rows that are displayed as blocks still have the roles of rows."""
    browser.show(eventful, width=360)
    browser.call("Accessibility.enable")
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {item["role"]["value"] for item in tree if "role" in item}
    assert {"table", "row", "cell", "columnheader"} <= roles


@pytest.mark.parametrize(
    "command",
    [
        "resolve b-quarantined --exists TARGET_ID",
        "resolve b-quarantined --absent",
        "resolve b-ambiguous --exists TARGET_ID",
        "retry --code taken",
        "verify",
    ],
)
def test_a_command_is_selected_by_one_click(
    browser: Tab, eventful: Path, command: str
) -> None:
    """Each command is on a line that one click selects completely."""
    browser.show(eventful)
    lines = browser.run(
        "[...document.querySelectorAll('.commands code')].filter(each => "
        "getComputedStyle(each).userSelect === 'all').map(each => each.textContent)"
    )
    journal = eventful.with_name("move.db")
    assert f"anybank migrate {command} --journal {journal}" in lines


def test_the_download_is_the_crosswalk(
    browser: Tab, eventful: Path, tmp_path: Path
) -> None:
    """The downloaded file is byte for byte the one that the command writes."""
    migrate.crosswalk(journal=eventful.with_name("move.db"), csv=tmp_path / "x.csv")
    browser.show(eventful)
    folder = tmp_path / "downloads"
    remaining = {
        "behavior": "allow",
        "downloadPath": str(folder),
        "eventsEnabled": True,
    }
    browser.call("Browser.setDownloadBehavior", **remaining)
    browser.run("document.querySelector('a[download]').click()")
    browser.wait("Browser.downloadProgress", state="completed")
    assert (folder / "crosswalk.csv").read_bytes() == (tmp_path / "x.csv").read_bytes()
    assert browser.run(CROSSWALK) == (tmp_path / "x.csv").read_text()


def test_a_report_has_no_personal_data(browser: Tab, planted: Path) -> None:
    """The page as the browser has it contains no field of the customers who were moved."""
    browser.show(planted)
    text = browser.run("document.documentElement.outerHTML")
    assert "--exists TARGET_ID" in text
    assert [form for form in FORMS if form in text] == []


def test_paper_is_light(browser: Tab, eventful: Path) -> None:
    """Printed from a dark screen, the page has dark text on a light background."""
    browser.show(eventful, scheme="dark")
    ground = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.call("Emulation.setEmulatedMedia", media="print", features=ground)
    shown = browser.run("getComputedStyle(document.body).backgroundColor")
    assert min(int(item) for item in shown[4:-1].split(",")) > 240
