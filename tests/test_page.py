"""The page, as bytes and as people meet it: in Chromium, from file://, with the network off, by roles and names."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_graph import fill
from test_derive_layout import TEAMS, arranged

from kg.derive.communities import communities
from kg.derive.layout import layout
from kg.derive.ranks import ranks
from kg.engine import Engine
from kg.errors import LookupFailed, OutputError
from kg.tables import TABLES
from kg.writers.page import network, write_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = [
    "</script><script>window.hurt = 1</script>",
    "<img src=x onerror='window.hurt = 1'>",
    '"; window.hurt = 1; //',
    "<!-- <script> ]]> &lt;b&gt; \u2028 \u202e backwards",
    "{{ 7 * 7 }} ${window.hurt = 1} \\u003c",
]


def filled(engine: Engine) -> Engine:
    """With an empty table for each that is missing."""
    present = engine.tables()
    for table in TABLES:
        if table not in present:
            engine.declare(table)
    return engine


def data_of(text: str) -> Any:
    """The data in a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def hostile() -> Engine:
    """A graph whose titles, names, concepts, digests and summaries are all hostile."""
    teams = {f"p{number}": [f"a{number}", f"a{number + 1}"] for number in range(len(HOSTILE))}
    engine = filled(arranged(teams))
    for number, text in enumerate(HOSTILE):
        engine.run("update papers set title = $text, url = 'javascript:window.hurt=1' where paper_id = $id", text=text, id=f"paper/p{number}")
        engine.run("update authors set name = $text where author_id = $id", text=f"{number} {text}", id=f"author/a{number}")
        engine.run(
            "insert into concepts values ($id, $text, $text, $kind, null, 'scheme/extracted', 1, '2024-12')",
            id=f"concept/c{number}", text=f"c{number} {text}", kind=text,
        )  # fmt: skip
        engine.run("insert into paper_concepts values ($paper, $id, 1, true)", paper=f"paper/p{number}", id=f"concept/c{number}")
        engine.run("insert into digests values ($id, '2024-12-25', $text)", id=f"digest/{number}", text=text)
        engine.run(
            "insert into records values ($id, 's', $paper, 1, 't', null, null, null, null, null, null, true, false, $digest, 3, 1)",
            id=f"record/{number}", paper=f"paper/p{number}", digest=f"digest/{number}",
        )  # fmt: skip
        engine.run("insert into sections values ($id, $record, $text, $text, 'ko')", id=f"text/{number}+x", record=f"record/{number}", text=text)
    return engine


# --- the bytes --------------------------------------------------------------------------------------------------------------------


def test_the_page_names_no_address_to_fetch_from(tmp_path: Path) -> None:
    with filled(arranged(TEAMS)) as engine:
        write_page(engine, tmp_path / "kg.html")
    text = (tmp_path / "kg.html").read_text(encoding="utf-8")
    assert not re.findall(r"""<(?:link|img|iframe|script)[^>]*\b(?:src|href)=""", text)
    assert "@import" not in text
    assert "url(" not in re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]  # type: ignore[index]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    for name, shuffle in (("a.html", 1), ("b.html", 2)):
        with filled(arranged(TEAMS, [("a", "b", 2.0)], shuffle=shuffle, threads=shuffle)) as engine:
            write_page(engine, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_network_is_pyvis_and_holds_what_layout_places() -> None:
    from pyvis.network import Network

    with filled(arranged(TEAMS, [("a", "b", 2.0)])) as engine:
        net = network(engine)
        places = engine.rows("select view, node_id, x, y from layout")
    assert isinstance(net, Network)
    assert {(node["view"], node["id"].replace("team/", "paper/"), node["x"], node["y"]) for node in net.nodes} == set(places)
    assert {node["id"] for node in net.nodes if node["shape"] == "square"} == {"team/large"}
    assert {tuple(sorted((edge["from"], edge["to"]))) for edge in net.edges} >= {
        ("author/ada", "author/bob"),
        ("author/ada", "team/large"),
        ("paper/a", "paper/b"),
    }
    assert sum(edge["to"] == "team/large" for edge in net.edges) == len(TEAMS["large"])
    count = len(net.edges)
    net.add_edge("author/bob", "author/ada")
    assert len(net.edges) == count


def test_the_data_is_what_the_tables_say(tmp_path: Path) -> None:
    with Engine() as engine:
        fill(engine)
        for table in ("communities", "ranks", "layout"):
            engine.run(f"drop table if exists {table}")
        communities(engine)
        ranks(engine)
        layout(engine)
        write_page(filled(engine), tmp_path / "kg.html")
        data = data_of((tmp_path / "kg.html").read_text(encoding="utf-8"))
        assert {paper["id"]: paper["title"] for paper in data["papers"]} == dict(engine.rows("select paper_id, title from papers"))
        assert {person["id"]: person["name"] for person in data["people"]} == dict(engine.rows("select author_id, name from authors"))
        written = {(paper["id"], data["people"][place]["id"]) for paper in data["papers"] for place in paper["authors"]}
        assert written == set(engine.rows("select paper_id, author_id from authorships"))
        about = {(paper["id"], data["concepts"][place]["id"]) for paper in data["papers"] for place in paper["concepts"]}
        assert about == set(engine.rows("select paper_id, concept_id from paper_concepts"))
        ties = {(data["people"][a]["id"], data["people"][b]["id"], papers, weight) for a, b, papers, weight in data["coauthors"]}
        assert ties == {
            (a, b, papers, round(float(weight), 3))
            for a, b, papers, weight in engine.rows("select source, target, papers, weight from coauthorships")
        }
        assert ties
        votes = {paper["id"]: paper["votes"] for paper in data["papers"] if "votes" in paper}
        assert votes == dict(engine.rows("select paper_id, max(votes) from records where votes is not null group by 1"))


def test_hostile_text_comes_through_unchanged_and_inert(tmp_path: Path) -> None:
    with hostile() as engine:
        write_page(engine, tmp_path / "kg.html", title=HOSTILE[0])
    text = (tmp_path / "kg.html").read_text(encoding="utf-8")
    assert text.count("<script>window.hurt") == 0
    assert "\u2028" not in text
    data = data_of(text)
    assert [paper["title"] for paper in data["papers"]] == HOSTILE
    assert [paper["sections"][0][1] for paper in data["papers"]] == HOSTILE


def test_a_focus_with_a_depth_keeps_the_neighbourhood() -> None:
    with filled(arranged(TEAMS)) as engine:
        one = network(engine, focus="author/bob", depth=1).things
        two = network(engine, focus="author/bob", depth=2).things
        with pytest.raises(LookupFailed, match="author/nobody"):
            network(engine, focus="author/nobody")
    assert [paper["id"] for paper in one["papers"]] == ["paper/a"]
    assert [person["id"] for person in one["people"]] == ["author/ada", "author/bob", "author/cyd"]
    assert [paper["id"] for paper in two["papers"]] == ["paper/a", "paper/b", "paper/large"]


def test_of_very_many_lines_each_ones_strongest_are_drawn_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    teams = {f"p{number:02}": [f"n{(number * step) % 40:02}" for step in (1, 7, 11, 17)] for number in range(40)}
    teams = {paper: sorted(set(members)) for paper, members in teams.items()}
    with filled(arranged(teams)) as engine:
        whole = network(engine)
        monkeypatch.setattr("kg.writers.page._EDGES", 60)
        thinned = network(engine)
    assert 60 < len(thinned.edges) < len(whole.edges)
    assert whole.things["notes"]["people"] == []
    assert thinned.things["notes"]["people"] == [f"Drawn are each one's strongest ties, {len(thinned.edges)} of {len(whole.edges)} lines."]
    before, after = ({end for edge in net.edges for end in (edge["from"], edge["to"])} for net in (whole, thinned))
    assert before == after


def test_the_title_names_the_focus() -> None:
    with filled(arranged(TEAMS)) as engine:
        plain = network(engine).title
        name, title = engine.rows("select a.name, p.title from authors a, papers p where author_id = 'author/bob' and paper_id = 'paper/a'")[0]
        assert network(engine, focus="author/bob").title == f"{name} \u00b7 {plain}"
        assert network(engine, focus="paper/a", depth=1).title == f"{title} \u00b7 {plain}"
        assert network(engine, focus="author/bob", title="Mine").title == "Mine"


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with filled(Engine()) as engine, pytest.raises(OutputError, match=r"cannot write .*kg\.html"):
        write_page(engine, tmp_path / "missing" / "kg.html")


# --- in a browser -----------------------------------------------------------------------------------------------------------------

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable") if (path := shutil.which(name))), None)
    if found is None:
        message = "no chromium or google-chrome on PATH; the browser tests need one"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield launched
        launched.close()


class Visit:
    """A page that is open, and what went wrong or out while it was."""

    def __init__(self, browser: Browser, path: Path, *, width: int = 1440, height: int = 900, address: str = "") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.address = path.resolve().as_uri()
        self.page.goto(self.address + address)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                assert self.troubles == []
                assert {request.partition("#")[0] for request in self.requests} == {self.address}
        finally:
            self.context.close()

    def status(self) -> str:
        return self.page.get_by_role("status").inner_text()

    def details(self) -> Any:
        return self.page.get_by_role("complementary", name="Details")

    def search(self, words: str) -> None:
        self.page.keyboard.press("/")
        self.page.keyboard.insert_text(words)


@pytest.fixture(scope="module")
def seeds(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the seeds."""
    path = tmp_path_factory.mktemp("page") / "kg.html"
    with Engine(built / "kg.duckdb", read_only=True) as engine:
        write_page(engine, path, title="Seeds")
    assert path.stat().st_size < 3_000_000
    return path


def test_it_opens_without_errors_or_requests(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.page.wait_for_function("window.kg && kg.network")
        assert visit.status() == "Showing 959 of 959 people"
        assert visit.page.title() == "Seeds"


def test_search_finds_a_person_and_enter_selects(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.search("áman chad")
        visit.page.get_by_role("option", name=re.compile("Aman Chadha")).wait_for()
        visit.page.keyboard.press("Enter")
        details = visit.details()
        details.get_by_role("heading", name="Aman Chadha").wait_for()
        papers = details.get_by_role("heading", name=re.compile("^Papers")).locator("xpath=following-sibling::ul[1]").get_by_role("button")
        assert papers.count() == 4
        coauthor = details.get_by_role("button", name=re.compile("^Vinija Jain"))
        assert "3 papers" in coauthor.inner_text()
        assert visit.page.evaluate("kg.selected()") == "author/aman-chadha"
        at = visit.page.evaluate("kg.position('author/aman-chadha')")
        assert 0 < at["x"] < 1_048
        assert 100 < at["y"] < 900


def test_arrow_keys_choose_among_results_and_escape_clears(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.search("li")
        options = visit.page.get_by_role("option")
        options.nth(1).wait_for()
        second = options.nth(1).get_attribute("data-id")
        visit.page.keyboard.press("ArrowDown")
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("kg.selected()") == second
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("kg.selected()") is None
        visit.details().get_by_role("heading", name="Who works with whom").wait_for()


def test_a_korean_label_finds_its_concept(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        label, concept = visit.page.evaluate("(() => { const c = kg.data.concepts.find((one) => one.ko && one.label); return [c.ko, c.id]; })()")
        visit.search(label)
        visit.page.locator(f'[role=option][data-id="{concept}"]').click()
        assert visit.page.evaluate("kg.selected()") == concept
        assert label in visit.details().inner_text()


def test_details_lead_from_person_to_paper_to_concept_and_back(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.search("ReMoE: Fully")
        visit.page.keyboard.press("Enter")
        details = visit.details()
        details.get_by_role("heading", name=re.compile("^ReMoE")).wait_for()
        assert visit.page.get_by_role("tab", name=re.compile("Papers")).get_attribute("aria-selected") == "true"
        assert details.get_by_role("link", name="arXiv").get_attribute("href") == "https://arxiv.org/abs/2412.14711"
        assert details.get_by_role("link", name="DOI").get_attribute("href") == "https://doi.org/10.48550/arXiv.2412.14711"
        assert details.get_by_role("link", name="Hugging Face").get_attribute("href") == "https://huggingface.co/papers/2412.14711"
        assert "7 votes" in details.inner_text()
        details.get_by_role("button", name=re.compile("^Ziteng Wang")).click()
        details.get_by_role("heading", name="Ziteng Wang").wait_for()
        assert visit.page.get_by_role("tab", name=re.compile("People")).get_attribute("aria-selected") == "true"
        details.locator(".chip").first.click()
        assert visit.page.get_by_role("tab", name=re.compile("Concepts")).get_attribute("aria-selected") == "true"
        visit.page.go_back()
        details.get_by_role("heading", name="Ziteng Wang").wait_for()


def test_views_switch_without_loading_again(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        seen = {}
        for view, name in (("papers", "Papers"), ("concepts", "Concepts"), ("people", "People")):
            visit.page.get_by_role("tab", name=re.compile(name)).click()
            seen[view] = visit.page.evaluate("kg.visible().length")
            assert view in visit.status()
        assert seen["papers"] == 120
        assert seen["people"] >= 959
        assert seen["concepts"] >= 20
        assert len(visit.requests) == 1


def test_a_click_on_a_dot_or_a_line_tells_of_it(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds, address="#people/author%2Faman-chadha") as visit:
        visit.page.wait_for_function("window.kg && kg.network && kg.position('author/aman-chadha')")
        visit.page.wait_for_timeout(200)
        at = visit.page.evaluate("kg.position('author/vinija-jain')")
        visit.page.mouse.click(at["x"], at["y"])
        visit.page.wait_for_function("kg.selected() === 'author/vinija-jain'")
        ends = [visit.page.evaluate(f"kg.position('author/{name}')") for name in ("aman-chadha", "vinija-jain")]
        visit.page.mouse.click((ends[0]["x"] + ends[1]["x"]) / 2, (ends[0]["y"] + ends[1]["y"]) / 2)
        details = visit.details()
        details.get_by_role("heading", name="Aman Chadha and Vinija Jain").wait_for()
        assert details.get_by_role("heading", name=re.compile("^Joint papers")).inner_text().split()[-1] == "3"


def test_the_date_filter_and_reset_change_what_shows(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        expected = visit.page.evaluate("kg.data.people.filter((person) => person.papersOf.some((paper) => paper.issued >= '2025-01')).length")
        assert 0 < expected < 959
        visit.page.get_by_role("combobox", name="From").select_option("2025-01")
        assert visit.status() == f"Showing {expected} of 959 people"
        visit.page.get_by_role("tab", name=re.compile("Papers")).click()
        assert re.fullmatch(r"Showing \d+ of 120 papers", visit.status())
        assert visit.status() != "Showing 120 of 120 papers"
        visit.page.get_by_role("button", name="Reset").click()
        visit.page.wait_for_function("document.getElementById('status').textContent.startsWith('Showing 120 of 120')")


def test_the_kind_filter_hides_organisations(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        teams = visit.page.evaluate("kg.data.people.filter((person) => person.kind === 'group').length")
        assert teams > 0
        visit.page.get_by_role("group", name="Kind").get_by_role("checkbox", name="Organisations").uncheck()
        assert visit.status() == f"Showing {959 - teams} of 959 people"


def test_hostile_text_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    with hostile() as engine:
        write_page(engine, tmp_path / "hostile.html", title=HOSTILE[1])
    with Visit(browser, tmp_path / "hostile.html") as visit:
        assert visit.page.get_by_role("heading", level=1).inner_text() == HOSTILE[1]
        for number, text in enumerate(HOSTILE):
            for identifier in (f"paper/p{number}", f"author/a{number}", f"concept/c{number}"):
                visit.page.evaluate("(id) => kg.select(id)", identifier)
                assert text.split()[0] in visit.details().inner_text()
                assert visit.page.locator("#panel img, a[href^='javascript']").count() == 0
            visit.search(text[:12])
            visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("window.hurt") is None
        assert visit.page.locator("#results img, h1 img").count() == 0


def test_an_empty_graph_is_told_in_words(browser: Browser, tmp_path: Path) -> None:
    with filled(Engine()) as engine:
        for table in ("communities", "ranks", "layout"):
            engine.run(f"drop table {table}")
        communities(engine)
        ranks(engine)
        layout(engine)
        write_page(engine, tmp_path / "empty.html")
    with Visit(browser, tmp_path / "empty.html") as visit:
        for name in ("People", "Papers", "Concepts"):
            visit.page.get_by_role("tab", name=re.compile(name)).click()
            visit.page.get_by_text("in this graph yet").wait_for()


def test_it_works_on_a_narrow_screen(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds, width=390, height=844) as visit:
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 390
        visit.page.get_by_role("combobox", name=re.compile("Search")).fill("aman chadha")
        visit.page.keyboard.press("Enter")
        visit.details().get_by_role("heading", name="Aman Chadha").wait_for()
        visit.page.wait_for_timeout(300)
        box = visit.details().bounding_box()
        at = visit.page.evaluate("kg.position('author/aman-chadha')")
        assert box["y"] > 300
        assert 0 < at["x"] < 390
        assert at["y"] < box["y"]
        visit.page.get_by_role("button", name="Close details").click()
        visit.page.get_by_role("button", name="Filters").click()
        visit.page.get_by_role("combobox", name="From").select_option("2025-01")
        assert visit.status() != "Showing 959 of 959 people"


def test_the_map_moves_by_keyboard(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.page.locator(".canvas:not([hidden])").focus()
        before = visit.page.evaluate("kg.position('author/aman-chadha')")
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_function("(x) => kg.position('author/aman-chadha').x < x - 40", arg=before["x"])
        scale = visit.page.evaluate("kg.network.getScale()")
        visit.page.get_by_role("button", name="Zoom in").click()
        assert visit.page.evaluate("kg.network.getScale()") > scale


FOCUSED = "document.activeElement.matches('#panel h2') ? document.activeElement.innerText : document.activeElement.getAttribute('aria-label')"


def test_the_focus_goes_to_the_details_and_after_escape_to_the_map(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        visit.search("aman chadha")
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate(FOCUSED) == "Aman Chadha"
        visit.details().get_by_role("button", name=re.compile("^Vinija Jain")).focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate(FOCUSED) == "Vinija Jain"
        more = visit.details().get_by_role("button", name=re.compile("^Show all"))
        more.first.focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.matches('#panel .go')")
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate(FOCUSED) == "Map of people"
        visit.search("aman")
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate(FOCUSED) == "Map of people"


def test_the_map_is_one_stop_and_has_a_name(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        for name in ("people", "papers"):
            visit.page.get_by_role("tab", name=re.compile(name, re.IGNORECASE)).click()
            visit.page.get_by_role("group", name=f"Map of {name}").focus()
            visit.page.keyboard.press("Tab")
            assert visit.page.evaluate("document.activeElement.id") == "zoom-in"


def test_escape_shows_the_whole_view_again(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        whole = visit.page.evaluate("kg.network.getScale()")
        visit.page.evaluate("kg.select('author/aman-chadha')")
        assert visit.page.evaluate("kg.network.getScale()") > whole * 1.2
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("kg.network.getScale()") == pytest.approx(whole)


def test_a_paper_outside_the_dates_is_told_to_be_hidden_in_each_view(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds) as visit:
        paper = visit.page.evaluate("kg.data.papers.find((one) => one.issued < '2025-01' && one.authors.length).id")
        visit.page.evaluate("(id) => kg.select(id)", paper)
        visit.page.get_by_role("tab", name=re.compile("People")).click()
        assert visit.details().get_by_text("Hidden on the map by the filters.").count() == 0
        visit.page.get_by_role("combobox", name="From").select_option("2025-01")
        for name in ("People", "Papers", "Concepts"):
            visit.page.get_by_role("tab", name=re.compile(name)).click()
            visit.details().get_by_text("Hidden on the map by the filters.").wait_for()


def test_an_address_of_nothing_is_cleared_and_said(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds, address="#people/author%2Fnobody") as visit:
        visit.details().get_by_text("Nothing on this page is called author/nobody.").wait_for()
        assert visit.page.evaluate("location.hash") == "#people"
        visit.details().get_by_role("button", name="Close details").click()
        assert visit.details().get_by_text("author/nobody").count() == 0


LABELS = """() => {
  const map = document.querySelector(".canvas:not([hidden])").getBoundingClientRect();
  const [x, y] = [map.left + map.width / 2, map.top + map.height / 2];
  const over = ["#legend", ".zoom", "#panel"].map((name) => document.querySelector(name).getBoundingClientRect());
  return kg.map.labels().map(({ id, rect }) => ({
    id,
    dot: kg.position(id),
    picture: [map.left, map.top, map.right, map.bottom],
    label: [x + rect[0], y + rect[1], x + rect[2], y + rect[3]],
    over: over.map((at) => [at.left, at.top, at.right, at.bottom]),
  }));
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_label_stands_by_a_dot_that_one_sees_and_under_nothing(browser: Browser, seeds: Path, width: int, height: int) -> None:
    with Visit(browser, seeds, width=width, height=height) as visit:
        for view in ("People", "Papers", "Concepts"):
            visit.page.get_by_role("tab", name=re.compile(view)).click()
            for factor in (1, 2, 2):
                visit.page.evaluate("(factor) => { kg.map.zoom(factor); kg.network.redraw(); }", factor)
                visit.page.wait_for_timeout(120)
                labels = visit.page.evaluate(LABELS)
                assert labels
                for one in labels:
                    left, top, right, bottom = one["picture"]
                    assert left <= one["dot"]["x"] <= right
                    assert top <= one["dot"]["y"] <= bottom
                    for a in one["over"]:
                        b = one["label"]
                        assert a[0] >= b[2] or a[2] <= b[0] or a[1] >= b[3] or a[3] <= b[1]
                        assert not (a[0] < one["dot"]["x"] < a[2] and a[1] < one["dot"]["y"] < a[3])


def test_a_label_covers_no_dot_where_a_place_is_free(browser: Browser, tmp_path: Path) -> None:
    with filled(Engine()) as engine:
        net = network(engine, title="Two")
    for node, y in (("author/one", 0), ("author/below", 24), ("author/far", 400)):
        net.add_node(node, label=node, x=0, y=y, rank=-y, view="people")
    net.write_html(str(tmp_path / "two.html"))
    with Visit(browser, tmp_path / "two.html") as visit:
        visit.page.wait_for_function("kg.map.labels().length === 3")
        found = {one["id"]: (one["label"], one["dot"]["y"]) for one in visit.page.evaluate(LABELS)}
    (_, _, _, bottom), dot = found["author/one"]
    assert bottom < dot
    for name in ("author/below", "author/far"):
        (_, top, _, _), dot = found[name]
        assert top > dot


def test_a_narrow_screen_shows_all_at_first_and_suits_fingers(browser: Browser, seeds: Path) -> None:
    with Visit(browser, seeds, width=390, height=844) as visit:
        xs = visit.page.evaluate("kg.visible().map((id) => kg.position(id).x)")
        assert min(xs) >= 0
        assert max(xs) <= 390
        visit.page.get_by_role("button", name="Filters").click()
        visit.page.evaluate("kg.select('author/aman-chadha')")
        sizes = visit.page.evaluate(
            "[...document.querySelectorAll('button')].filter((one) => one.offsetParent).map((one) => [one.innerText, one.offsetHeight])"
        )
        assert len(sizes) > 20
        assert [size for size in sizes if size[1] < 40] == []
