"""The report in a real browser: from disk, offline, by mouse and by keys, in both languages and both lights."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doc_rows import page_id
from report_pages import ENGLISH, HOSTILE, LINKED

from etl.audit import draw_sample
from etl.rates import find_rates
from etl.report import make_report
from etl.review import Opinion, apply_reviews, read_overrides, read_review
from etl.rules import load_rules

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (BROWSER and DRIVER), reason="no chromium with chromedriver on this machine")
WIDE, NARROW = (1280, 900), (390, 844)
OVERVIEW = ("documents", "funnel", "families", "heat", "lengths", "months", "languages", "roles")

# Contrast of every text that is seen: WCAG 2.2, 1.4.3, with its formula for luminance.
CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
  .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const background = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return rgba(getComputedStyle(document.body).backgroundColor);
};
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || !element.checkVisibility() || element.closest('script, style')) continue;
  if (element.closest(':disabled, [aria-disabled]')) continue;
  const style = getComputedStyle(element);
  const ink = rgba(element.closest('svg') ? style.fill : style.color);
  const [one, two] = [light(ink), light(background(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (two + 0.05);
  const large = parseFloat(style.fontSize) >= 24;
  if (ratio < (large ? 3 : 4.5)) bad.push([node.data.trim().slice(0, 30), element.className.toString(), ratio]);
}
return bad;
"""


class Page:
    """A report that is open in the browser."""

    def __init__(self, driver: Any, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads

    def open(self, path: Path, where: str = "", size: tuple[int, int] = WIDE, *, dark: bool = False) -> Page:
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size == NARROW,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])
        self.driver.get("about:blank")
        self.driver.get(f"{path.as_uri()}#{where}")
        return self

    def command(self, name: str, **given: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, given)

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.all(selector)]

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def wait(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError("the page did not get there in time")

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def focused(self) -> str:
        return str(self.run("return document.activeElement.id || document.activeElement.textContent.trim()"))

    def kept(self) -> list[dict[str, Any]]:
        return list(json.loads(self.run("return localStorage.getItem('ghirbal-review')") or "[]"))

    def forget(self) -> None:
        self.run("localStorage.clear()")


@pytest.fixture(scope="module")
def report(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    make_report(build, out)
    return out / "index.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=ar"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        page = Page(driver, tmp_path_factory.mktemp("downloads"))
        page.command("Network.enable")
        page.command(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=0,
            uploadThroughput=0,
        )
        page.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(page.downloads))
        yield page
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of the same origin as the report, and without its charts to draw: files share one storage."""
    path = tmp_path_factory.mktemp("blank") / "blank.html"
    path.write_text("<!doctype html><title>blank</title>", "utf-8")
    return path


@pytest.fixture
def page(browser: Page, blank: Path, report: Path) -> Page:
    browser.open(blank)
    browser.forget()
    browser.complaints()
    browser.driver.get_log("performance")
    return browser.open(report)


def hostile(page: Page, report: Path) -> None:
    page.open(report, f"documents?id={page_id('hostile')}")


def test_it_opens_from_disk_offline_and_without_a_complaint(page: Page, report: Path) -> None:
    """Every view is drawn, the console stays empty, and no request leaves the file."""
    page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")) >= 7)
    assert page.one("html").get_attribute("dir") == "rtl"
    assert page.one("html").get_attribute("lang") == "ar"
    assert page.one("#block-rules td").text
    page.open(report, "documents")
    assert len(page.all("#document .line")) > 3
    page.open(report, "opinions")
    assert page.one("#export").get_attribute("disabled")
    assert page.complaints() == []
    sent = [json.loads(entry["message"])["message"] for entry in page.driver.get_log("performance")]
    addresses = {
        one["params"]["request"]["url"].split("#")[0] for one in sent if one["method"] == "Network.requestWillBeSent"
    }
    assert {address for address in addresses if not address.startswith("data:")} <= {report.as_uri(), "about:blank"}


def test_no_text_is_taken_for_markup(page: Page, report: Path) -> None:
    """Scripts, images and comments in a page are shown as they stand, and nothing in them runs."""
    hostile(page, report)
    shown = page.run("return [...document.querySelectorAll('#document .words')].map((line) => line.textContent)")
    assert shown[:2] == list(HOSTILE[:2])
    # U+2028 is no line feed here: it stays in its line.
    assert shown[2] == HOSTILE[2]
    assert page.run("return document.querySelector('#document h2').textContent") == HOSTILE[0]
    assert page.all("#document :is(script, img, b)") == []
    assert page.all("a[href^='javascript']") == []
    page.open(report, "overview")
    page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")))
    assert page.driver.title.startswith("غربال")
    assert page.complaints() == []


def test_each_language_runs_in_its_own_direction(page: Page, report: Path) -> None:
    """Arabic lines run from the right, English ones from the left, whatever labels they carry."""
    page.open(report, f"documents?id={page_id('two languages')}")
    lines = page.run(
        "return [...document.querySelectorAll('#document .words')].map((line) => "
        "[line.textContent, getComputedStyle(line).direction])"
    )
    ways = {text.strip(): way for text, way in lines}
    assert ways[ENGLISH] == "ltr"
    assert {way for text, way in ways.items() if text != ENGLISH} == {"rtl"}
    isolated = page.run("return getComputedStyle(document.querySelector('#document mark')).unicodeBidi")
    assert isolated == "isolate"
    assert page.run("return getComputedStyle(document.querySelector('#document .id')).direction") == "ltr"


def test_letters_join_across_the_border_of_a_piece(page: Page, report: Path) -> None:
    """A word that a cut divides is as wide as the same word whole: its letters keep their joined forms."""
    page.open(report, f"documents?id={page_id('two languages')}")
    divided, whole, apart = page.run(
        """
        const cut = [...document.querySelectorAll('#document del')].find((one) => one.textContent === 'مش');
        const width = (...nodes) => {
          const range = document.createRange();
          range.setStartBefore(nodes[0]); range.setEndAfter(nodes.at(-1));
          return range.getBoundingClientRect().width;
        };
        const line = cut.parentElement;
        const probe = document.createElement('span'); probe.textContent = 'مشاركة';
        const pair = ['مش', 'اركة'].map((part) => { const one = document.createElement('span'); one.style.display = 'inline-block'; one.textContent = part; return one; });
        const result = [width(cut, cut.nextElementSibling)];
        line.append(document.createElement('br'), probe); result.push(width(probe));
        line.append(document.createElement('br'), ...pair); result.push(width(...pair));
        return result;
        """
    )
    assert divided == pytest.approx(whole, abs=1.5)
    assert page.one("#document del.joins-after")
    # The measure sees the difference: parted, the two letters take other forms.
    assert abs(apart - whole) > 1.5


def test_reasons_stand_on_hover_and_in_the_bar(page: Page, report: Path) -> None:
    """Each cut says its rule and why; choosing it says so where keys and screen readers get it."""
    page.open(report, f"documents?id={page_id('page 0')}")
    cut = next(one for one in page.all("#document del") if "شاهد أيضا" in one.text)
    why = load_rules()["related/see-also"].why
    assert cut.get_attribute("title").split("\n")[:2] == ["related/see-also", why]
    cut.click()
    assert "related/see-also" in page.one("#about").text
    assert why in page.one("#about").text
    assert page.one("#about").get_attribute("aria-live") == "polite"


def test_fields_lead_to_their_lines(page: Page, report: Path) -> None:
    """The button beside a field chooses the piece that it was read from."""
    page.open(report, f"documents?id={page_id('two languages')}")
    button = next(one for one in page.all(".fields button") if "source/agency-in-brackets" in one.text)
    button.click()
    assert page.one(".piece.chosen").text == "(رويترز)"
    assert page.run("return document.activeElement.classList.contains('chosen')")


def test_filters_let_through_what_they_say(page: Page, report: Path) -> None:
    """Outlet, rule, verdict, score and search, alone and together; the address keeps them."""
    from selenium.webdriver.support.select import Select

    page.open(report, "documents")
    total = len(page.all("#list li"))

    def shown() -> list[str]:
        return [str(link.get_attribute("href")).split("id=")[-1] for link in page.all("#list a")]

    def choose(name: str, value: str) -> None:
        before = page.one("#found").text
        Select(page.one(f"#filter-{name}")).select_by_value(value)
        page.wait(lambda: page.one("#found").text != before)

    choose("outlet", "صدى البلد")
    assert shown() == [page_id("two languages")]
    assert "outlet=" in page.driver.current_url
    page.open(report, "documents")
    choose("rule", "headline-en/*")
    assert set(shown()) == {page_id("two languages"), page_id("paired")}
    page.open(report, "documents")
    choose("verdict", "quality/too-short")
    assert shown() == [page_id("short")]
    page.open(report, f"documents?outlet={'صدى البلد'}&rule=related/see-also")
    assert shown() == []
    assert page.one("#document .empty").text
    page.open(report, "documents?score=n_words&least=1&most=1")
    assert shown() == [page_id("short")]
    page.open(report, "documents")
    page.one("#filter-search").send_keys("الإقتصاد")  # spelt otherwise than on the page
    page.wait(lambda: len(page.all("#list li")) < total)
    assert shown() == [page_id("two articles")]
    assert page.one("#document .line.hit .words").text.startswith("المقال الأول")
    page.one("#filters button[type=reset]").click()
    page.wait(lambda: len(page.all("#list li")) == total)


def test_a_rule_in_the_overview_leads_to_its_documents(page: Page, report: Path) -> None:
    """And tables sort by the column that is pressed, up and down."""
    from selenium.webdriver.common.by import By

    table = page.one("#block-rules table")
    heads = table.find_elements(By.CSS_SELECTOR, "th button")

    def column(place: int) -> list[str]:
        return [cell.text for cell in table.find_elements(By.CSS_SELECTOR, f"tbody td:nth-child({place})")]

    heads[2].click()
    counts = [int(text.replace(",", "")) for text in column(3)]
    assert counts == sorted(counts, reverse=True)
    heads[2].click()
    assert [int(text.replace(",", "")) for text in column(3)] == counts[::-1]
    heads[0].click()
    assert column(1) == sorted(column(1))
    assert heads[0].find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    next(link for link in page.all("#block-rules td a") if link.text == "headline-en/own").click()
    page.wait(lambda: page.one("#view-documents").is_displayed())
    assert len(page.all("#list li")) == 1


def test_opinions_by_keys_alone(page: Page, report: Path, tmp_path: Path) -> None:
    """From opening the page to an exported review, without a mouse; keys go by their place on the keyboard."""
    from selenium.webdriver.common.keys import Keys

    page.press("2")
    page.wait(lambda: page.all("#document .line"))
    first = page.run("return document.querySelector('#document h2').textContent")
    page.press("n")
    page.wait(lambda: page.run("return document.querySelector('#document h2').textContent") != first)
    page.press("p")
    page.wait(lambda: page.run("return document.querySelector('#document h2').textContent") == first)
    page.press("/")
    page.wait(lambda: page.focused() == "filter-search")
    page.driver.switch_to.active_element.send_keys("رقم 5")
    page.wait(lambda: len(page.all("#list li")) < 5)
    page.press(Keys.ESCAPE, "j")
    assert page.run("return document.activeElement.matches('del.chosen')")
    page.press("r", "j", "w", "m")
    assert page.focused() == "note"
    page.driver.switch_to.active_element.send_keys("ليس رابطا", Keys.TAB)
    page.wait(lambda: any(one["note"] for one in page.kept()))
    page.one(".piece.chosen").click()
    page.press("j", "u", Keys.ARROW_UP, Keys.ARROW_UP)
    # A kept line: it should have been cut, and that needs a family.
    while page.run("return document.activeElement.tagName") != "SPAN":
        page.press(Keys.ARROW_UP)
    page.press("c")
    assert page.focused() == "family"
    page.run("document.getElementById('family').value = 'promo'")
    page.press(Keys.ESCAPE, "c")
    said = {(one["rule"], one["opinion"]) for one in page.kept()}
    assert {("title/first-line", "right"), ("related/see-also", "wrong"), (None, "cut")} <= said
    page.press("e")
    review = page.wait(lambda: next(iter(page.downloads.glob("review*.jsonl")), None))
    page.wait(lambda: review.read_text("utf-8").count("\n") == len(page.kept()))
    opinions = read_review(review)
    assert {(one.rule, one.opinion) for one in opinions} == said
    assert next(one.note for one in opinions if one.opinion == "wrong") == "ليس رابطا"
    done = apply_reviews(review, tmp_path / "overrides.toml", load_rules())
    assert (done["kept"], done["cut_off"]) == (1, 1)
    assert set(read_overrides(tmp_path / "overrides.toml")["id"]) == {page_id("page 5")}
    review.unlink()
    page.press("x")
    assert len(page.kept()) == len(said) - 1
    page.press("?")
    assert page.one("#help").is_displayed()
    page.press(Keys.ESCAPE)
    assert not page.one("#help").is_displayed()


def test_the_family_of_a_cut_is_chosen_once_and_the_piece_stays_in_sight(page: Page, report: Path) -> None:
    """C asks for the family without a scroll; letters of its id find it in either language, and it is the opinion."""
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    top = "return document.querySelector('.piece.chosen').getBoundingClientRect().top"
    for number, pick in enumerate(("keys", "mouse")):
        page.open(report, "documents", (1000, 800))
        page.wait(lambda: page.all("#document span.piece"))
        span = [span for span in page.all("#document span.piece") if span.text.strip()][-1 - number]
        page.run("arguments[0].scrollIntoView({block: 'center'})", span)
        span.click()
        before = page.run(top)
        page.press("c")
        assert page.focused() == "family" and page.run(top) == before
        if pick == "keys":
            page.press(*"rel", Keys.ENTER)
        else:
            page.run("document.getElementById('family').dispatchEvent(new PointerEvent('pointerdown'))")
            Select(page.one("#family")).select_by_value("promo")
        assert page.run("return document.activeElement.matches('.piece.chosen')")
        assert page.run(top) == pytest.approx(before, abs=2)
        assert len(page.kept()) == number + 1
    assert [one["family"] for one in page.kept()] == ["related", "promo"]


def test_single_keys_can_be_switched_off(page: Page, report: Path) -> None:
    """Who dictates or types by accident turns them off, and they stay off (WCAG 2.1.4)."""
    page.one("#help-open").click()
    page.one("#keys-on").click()
    page.one("#help-close").click()
    page.press("2")
    assert not page.one("#view-documents").is_displayed()
    page.open(report)
    page.press("2")
    assert not page.one("#view-documents").is_displayed()
    assert not page.one("#keys-on").is_selected()


def test_tab_reaches_every_control(page: Page, report: Path) -> None:
    """Whatever can be pressed or filled in is a stop of the Tab key, and each stop shows that it is one."""
    from selenium.webdriver.common.keys import Keys

    page.open(report, f"documents?id={page_id('page 5')}&outlet=example.com")
    page.press("j")
    page.run("document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.focus()")
    wanted = set(
        page.run(
            "return [...document.querySelectorAll('a[href], button, input, select, summary')]"
            ".filter((one) => one.checkVisibility() && !one.disabled)"
            ".map((one, place) => { one.dataset.stop = place; return String(place); })"
        )
    )
    met: set[str] = set()
    pieces = 0
    for _ in range(len(wanted) + 40):
        page.press(Keys.TAB)
        stop, piece, outline = page.run(
            "const one = document.activeElement; const style = getComputedStyle(one.closest('label.button') ?? one);"
            "return [one.dataset.stop, one.classList.contains('piece'), style.outlineStyle]"
        )
        if stop is not None or piece:
            assert outline != "none", page.focused()
        met.add(stop)
        pieces += piece
        if met >= wanted and pieces:
            break
    assert wanted <= met, [
        page.run(f"return document.querySelector('[data-stop=\"{n}\"]').outerHTML") for n in wanted - met
    ]
    assert pieces >= 1


def test_opinions_by_mouse_stay_and_can_be_brought_back(page: Page, report: Path, tmp_path: Path) -> None:
    """A click on a cut and on a button; after a reload they are there, and an exported review is read back."""
    where = f"documents?id={page_id('page 3')}"
    page.open(report, where)
    page.one("#document del").click()
    page.one("[data-opinion=wrong]").click()
    assert page.one("[data-opinion=wrong]").get_attribute("aria-pressed") == "true"
    assert page.one("#document del").get_attribute("data-sign") == "✗"
    kept = next(one for one in page.all("#document span.kept") if "الوزير" in one.text)
    kept.click()
    assert not page.one("[data-opinion=wrong]").is_displayed()
    page.one("#part").send_keys("غدا في العاصمة")
    from selenium.webdriver.support.select import Select

    Select(page.one("#family")).select_by_value("ad")
    page.one("[data-opinion=cut]").click()
    (part,) = [one for one in page.kept() if one["opinion"] == "cut"]
    assert (part["text"], part["family"]) == ("غدا في العاصمة", "ad")
    assert part["end"] - part["start"] == len(part["text"])
    page.open(report, where)
    assert page.one("#document del").get_attribute("data-sign") == "✗"
    page.open(report, "opinions")
    assert len(page.all("#opinion-table tbody tr")) == 2
    page.one("#export").click()
    review = page.wait(lambda: next(iter(page.downloads.glob("review*.jsonl")), None))
    page.wait(lambda: review.read_text("utf-8").count("\n") == 2)
    brought = tmp_path / "review.jsonl"
    stranger = json.dumps({**json.loads(review.read_text("utf-8").splitlines()[0]), "id": "f" * 16})
    brought.write_text(review.read_text("utf-8") + stranger + "\n", "utf-8")
    review.unlink()
    page.one("#forget").click()
    page.one("#forget-yes").click()
    assert page.kept() == []
    page.one("#import").send_keys(str(brought))
    page.wait(lambda: len(page.kept()) == 2)
    assert page.one("#import-said").text
    page.one("#opinion-table tbody a").click()
    page.wait(lambda: page.all("#document .chosen"))
    brought.write_text("{", "utf-8")
    page.open(report, "opinions")
    page.one("#import").send_keys(str(brought))
    page.wait(lambda: "1" in page.one("#import-said").text)
    assert len(page.kept()) == 2


def test_offsets_are_code_points(page: Page, report: Path) -> None:
    """Past a character of two code units the export still counts as Python does."""
    page.open(report, f"documents?id={page_id('two languages')}")
    page.one("#document del[title^='promo/']").click()
    page.press("w")
    (one,) = page.kept()
    before = len(ENGLISH) + 2 + len(LINKED)
    assert (one["start"], one["text"]) == (before, "تابعونا على فيسبوك")
    assert one["end"] == before + len(one["text"])
    assert one["line"].startswith(LINKED)


def test_an_audit_leads_from_piece_to_piece(page: Page, build: Path, tmp_path: Path) -> None:
    """J goes on to the next piece that waits, in the order of the draw; the judged sample gives the rates."""
    sample = draw_sample(build, 12, 3)
    make_report(build, tmp_path, ask=sample)
    page.open(tmp_path / "index.html")
    assert page.one("#view-documents").is_displayed()
    page.wait(lambda: page.all("#document .line"))
    for row in sample.iter_rows(named=True):
        before = {(one["id"], one["start"]) for one in page.kept()}
        page.press("j")
        page.wait(lambda: page.all(".piece.chosen.asked:not(.judged)"))
        page.press("r")
        page.wait(lambda before=before: len(page.kept()) == len(before) + 1)
        assert {(one["id"], one["start"]) for one in page.kept()} - before == {(row["id"], row["start"])}
    page.press("e")
    review = page.wait(lambda: next(iter(page.downloads.glob("review*.jsonl")), None))
    page.wait(lambda: review.read_text("utf-8").count("\n") == len(sample))
    found = find_rates(sample, review)
    review.unlink()
    assert (found["judged"], found["unanswered"]) == (len(sample), 0)
    assert found["false_cuts"]["overall"]["rate"] == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_text_is_legible_and_nothing_runs_out_of_the_page(
    page: Page, report: Path, size: tuple[int, int], dark: bool
) -> None:
    """Contrast is AA in every view, width and light; the page itself never scrolls sideways."""
    for where in ("overview", f"documents?id={page_id('two languages')}", "opinions"):
        page.open(report, where, size, dark=dark)
        if where == "overview":
            page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")))
            page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        elif where != "opinions":
            page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            page.run("document.querySelector('#document mark').click()")
            page.press("w")
        else:
            assert page.all("#opinion-table tbody tr")
        assert page.run(CONTRAST) == [], where
        width = page.run("return document.documentElement.scrollWidth")
        assert width <= size[0], where
    page.run("document.getElementById('help').showModal()")
    assert page.run(CONTRAST) == []


def test_charts_run_as_the_page_does(page: Page, report: Path) -> None:
    """In Arabic bars grow from the right, where their names stand; in English from the left."""
    script = """
    const bar = [...document.querySelectorAll('#block-families .mark-rect path')].map((one) => one.getBoundingClientRect());
    const spread = (side) => Math.max(...bar.map((one) => one[side])) - Math.min(...bar.map((one) => one[side]));
    return [spread('left'), spread('right')];
    """
    page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")))
    left, right = page.run(script)
    assert right < 1 < left
    page.one("#language").click()
    page.wait(lambda: page.one("html").get_attribute("dir") == "ltr" and page.all("#block-families .mark-rect path"))
    page.wait(lambda: page.run(script)[0] < 1 < page.run(script)[1])


def test_the_language_and_the_ends_of_axes_are_as_one_expects(page: Page, report: Path) -> None:
    """Who reads English reads it after a reload too; a scale of thousands begins at 0, not at 0k."""
    page.one("#language").click()
    page.open(report)
    assert page.one("html").get_attribute("lang") == "en"
    page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")))
    labels = page.run(
        "return [...document.querySelectorAll('#block-funnel .role-axis-label text')].map((one) => one.textContent)"
    )
    assert "0" in labels and not {"0k", "0M"} & set(labels)
    assert any(label.endswith("k") for label in labels)


def test_the_error_rate_stands_in_the_overview(page: Page, build: Path, report: Path, tmp_path: Path) -> None:
    """Where the build was audited its rates are shown, else that it was not."""
    assert "ghirbal audit" in page.one("#block-audit").text
    shutil.copytree(build, tmp_path / "build")
    (tmp_path / "build" / "audit").mkdir()
    sample = draw_sample(build, 12, 3)
    said = [
        Opinion(row["id"], row["raw_sha256"], row["start"], row["end"], row["text"], "right", row["rule"])
        for row in sample.iter_rows(named=True)
    ]
    (tmp_path / "build" / "audit" / "rates.json").write_text(json.dumps(find_rates(sample, said)), "utf-8")
    make_report(tmp_path / "build", tmp_path)
    page.open(tmp_path / "index.html")
    page.wait(lambda: page.all("#block-audit td"))
    assert page.texts("#block-audit td")[1] == "0.0%"
    assert "Cochran" in page.one("#block-audit").text
    assert page.complaints() == []


def test_the_other_language_is_complete(page: Page, report: Path) -> None:
    """In English the page runs from the left, charts and tables included, and no Arabic word of its own is left."""
    page.one("#language").click()
    page.wait(lambda: len(page.all(".chart svg")) == len(page.all(".chart")))
    assert page.one("html").get_attribute("dir") == "ltr"
    words = page.run("return JSON.parse(document.getElementById('data').textContent).words.page")
    arabic = {both[0] for both in words.values()} - {both[1] for both in words.values()}
    for where in ("overview", "documents", "opinions"):
        page.run(f"location.hash = '{where}'")
        page.wait(lambda where=where: page.one(f"#view-{where}").is_displayed())
        seen = set(
            page.run(
                "return [...document.querySelectorAll('body *')].filter((one) => !one.children.length && one.checkVisibility())"
                ".map((one) => one.textContent.trim())"
            )
        )
        assert not (seen & arabic) - {words["other_language"][1]}
    assert page.complaints() == []
