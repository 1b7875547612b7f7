#!/usr/bin/env python3
"""chromium_test.py REPORT_TESTS: the HTML report in a real browser.

REPORT_TESTS is the program of the report's tests, which writes the pages. Where no Chromium is found the test says so
and exits 77, which ctest shows as skipped.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, find_chromium  # noqa: E402

SKIPPED = 77
PAGES = ("healthy", "incident", "empty", "several", "wide", "hostile", "large")
browser = None
folder = None

# Every piece of text that is seen, with its contrast to what it stands on (WCAG 2.2, 1.4.3).
CONTRASTS = """(() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = channels(colour).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor, parts = channels(colour);
      if (parts.length < 4 || parts[3] === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.textContent.trim() || !element.getClientRects().length) continue;
    if (['SCRIPT', 'STYLE', 'title'].includes(element.tagName)) continue;
    const ink = element.tagName === 'text' ? style.fill : style.color;
    const a = luminance(ink), b = luminance(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = element.tagName + '.' + element.getAttribute('class') + ' ' + ink + ' on ' + ground(element);
    found[name] = ratio;
  }
  return found;
})()"""


def url_of(page):
    return "file://" + os.path.join(folder, page + ".html")


class Report(unittest.TestCase):
    def assert_quiet(self, page):
        self.assertEqual(browser.requests, [url_of(page)], "the page asked for more than itself")
        self.assertEqual(browser.console, [], "the browser complained")

    def test_renders_without_complaint_and_asks_for_nothing(self):
        for page in PAGES:
            for scheme in ("light", "dark"):
                with self.subTest(page=page, scheme=scheme):
                    browser.open(url_of(page), scheme=scheme)
                    self.assertTrue(browser.evaluate("document.querySelector('h1').getBoundingClientRect().height > 20"))
                    self.assertEqual(browser.evaluate("document.compatMode"), "CSS1Compat")
                    picture = os.path.join(folder, page + ".png")
                    browser.screenshot(picture)
                    self.assertGreater(os.path.getsize(picture), 15000, "the page is blank")
                    self.assert_quiet(page)

    def test_runs_nothing_that_a_key_says(self):
        for page in ("hostile", "wide"):
            for script in (True, False):
                with self.subTest(page=page, script=script):
                    browser.open(url_of(page), script=script)
                    self.assert_quiet(page)
                    if script:
                        # What waits for a person: focus, pointer, load of what is scrolled to.
                        browser.evaluate("for (const e of document.querySelectorAll('*')) { e.focus && e.focus(); "
                                         "e.dispatchEvent(new Event('mouseover', {bubbles: true})); }")
                    self.assertIsNone(browser.evaluate("window.taken === undefined ? null : window.taken"))
                    self.assertEqual(browser.evaluate("document.scripts.length"), 1)
                    self.assertEqual(browser.evaluate("document.images.length"), 0)
                    self.assertEqual(browser.evaluate("document.links.length - document.querySelectorAll('a[href^=\"#\"]').length"), 0)
                    self.assert_quiet(page)

    def test_lets_in_no_script_style_or_picture_even_if_it_were_there(self):
        browser.open(url_of("healthy"))
        # Were escaping to fail, the policy would still hold.
        browser.evaluate("""(() => {
          window.refused = [];
          document.addEventListener('securitypolicyviolation', e => window.refused.push(e.effectiveDirective));
          const into = document.createElement('div');
          document.body.append(into);
          into.innerHTML = '<img src="http://127.0.0.1:9/x.png"><p style="color:red">x</p><p onclick="window.taken=1">y</p>';
          const script = document.createElement('script');
          script.textContent = 'window.taken = 1';
          document.body.append(script);
          into.querySelector('[onclick]').click();
        })()""")
        refused = browser.evaluate("new Promise(done => setTimeout(() => done(window.refused), 0))")
        self.assertLessEqual({"img-src", "style-src-attr", "script-src-elem", "script-src-attr"}, set(refused))
        self.assertIsNone(browser.evaluate("window.taken === undefined ? null : window.taken"))

    def test_shows_verdict_references_and_refusals_on_the_first_screen(self):
        bottom = "document.querySelector('%s').getBoundingClientRect().bottom"
        for page, last in (("incident", "#rulings li:nth-child(6)"), ("incident", "#references"), ("incident", "#diagnosis"),
                           ("healthy", "#rulings"), ("healthy", "#references"), ("several", "#references")):
            with self.subTest(page=page, last=last):
                browser.open(url_of(page), width=1280, height=800)
                self.assertEqual(browser.evaluate("scrollY"), 0)
                self.assertLessEqual(browser.evaluate(bottom % last), 800)
        browser.open(url_of("incident"))
        self.assertEqual(browser.evaluate("document.querySelectorAll('#rulings .refuse').length"), 6)

    def test_can_be_read_in_light_dark_and_print(self):
        for page in ("incident", "several", "hostile"):
            for scheme, media in (("light", ""), ("dark", ""), ("dark", "print")):
                with self.subTest(page=page, scheme=scheme, media=media):
                    browser.open(url_of(page), scheme=scheme, media=media)
                    contrasts = browser.evaluate(CONTRASTS)
                    self.assertGreater(len(contrasts), 10)
                    self.assertEqual({name: ratio for name, ratio in contrasts.items() if ratio < 4.5}, {})

    def test_is_dark_on_dark_screens_and_white_on_paper(self):
        ground = "getComputedStyle(document.body).backgroundColor"
        browser.open(url_of("healthy"), scheme="light")
        self.assertEqual(browser.evaluate(ground), "rgb(255, 255, 255)")
        browser.show_as("dark")
        self.assertEqual(browser.evaluate(ground), "rgb(15, 20, 25)")
        browser.show_as("dark", "print")
        self.assertEqual(browser.evaluate(ground), "rgb(255, 255, 255)")

    def test_hatches_what_is_unreferenced(self):
        browser.open(url_of("several"))
        fills = browser.evaluate("Array.from(document.querySelectorAll('.unref,.v-orphan'), e => getComputedStyle(e).fill)")
        self.assertGreater(len(fills), 5)
        self.assertEqual(set(fills), {'url("#hatch")'})
        for figure in (".bar", ".map", ".small"):
            size = browser.evaluate("(() => { const r = document.querySelector('%s rect').getBoundingClientRect(); "
                                    "return [r.width, r.height]; })()" % figure)
            self.assertGreater(min(size), 5, figure)

    def test_prints_all_rows_and_no_controls(self):
        browser.open(url_of("healthy"))
        browser.evaluate("words.value = 'orphan7'; words.dispatchEvent(new Event('input'))")
        browser.show_as(media="print")
        self.assertEqual(browser.evaluate("Array.from(list.tBodies[0].rows).filter(r => r.offsetHeight > 0).length"), 15)
        self.assertEqual(browser.evaluate("document.getElementById('find').offsetHeight + document.querySelector('nav').offsetHeight"), 0)
        pdf = browser.print_to(os.path.join(folder, "healthy.pdf"))
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertGreater(pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page "), 1)

    def test_fits_a_narrow_screen(self):
        for page in ("incident", "several", "hostile", "wide"):
            with self.subTest(page=page):
                browser.open(url_of(page), width=360, height=740)
                self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), 360)

    def test_is_complete_without_script(self):
        shown = "Array.from(document.querySelectorAll('#list tbody tr')).filter(r => r.getClientRects().length).length"
        browser.open(url_of("large"), script=False)
        self.assertEqual(browser.evaluate(shown), 2000)
        self.assertEqual(browser.evaluate("document.getElementById('find').getClientRects().length"), 0)
        self.assertEqual(browser.evaluate("document.querySelectorAll('button').length"), 0)
        bare = browser.evaluate("document.querySelector('main').innerText")
        for heading in ("Do the references match?", "Why it is refused", "Shapes, the most suspicious first", "Guards", "Next"):
            self.assertIn(heading, bare)

    def test_finds_orphans(self):
        browser.open(url_of("large"))
        search = "words.value = %r; words.dispatchEvent(new Event('input')); [count.textContent, " \
                 "Array.from(list.tBodies[0].rows).filter(r => r.offsetHeight > 0).length]"
        self.assertEqual(browser.evaluate("[document.getElementById('find').hidden, count.textContent]"), [False, "2,000 of 2,000"])
        self.assertEqual(browser.evaluate(search % "no such key"), ["0 of 2,000", 0])
        said, shown = browser.evaluate(search % "HEADER .png")
        self.assertEqual(said, "%d of 2,000" % shown)
        self.assertTrue(0 < shown < 2000)
        self.assertEqual(browser.evaluate(search % "  ")[1], 2000)
        self.assert_quiet("large")

    def test_orders_tables_by_any_column(self):
        browser.open(url_of("incident"))
        column = "(() => { const t = document.querySelector('#shapes table'), b = t.tHead.rows[0].cells[%d]; " \
                 "b.querySelector('button').click(); return [b.getAttribute('aria-sort'), " \
                 "Array.from(t.tBodies[0].rows, r => r.cells[%d].textContent)]; })()"
        numbers = ["5,089", "1,486", "300", "12", "5"]
        self.assertEqual(browser.evaluate(column % (1, 1)), ["descending", numbers])
        self.assertEqual(browser.evaluate(column % (1, 1)), ["ascending", numbers[::-1]])
        names = browser.evaluate(column % (0, 0))
        self.assertEqual(names, ["descending", sorted(names[1], reverse=True)])
        self.assertEqual(browser.evaluate("document.querySelectorAll('#shapes [aria-sort]').length"), 1)


def main():
    global browser, folder
    chromium = find_chromium()
    if chromium is None:
        print("SKIPPED: no Chromium is installed, so the HTML report was not looked at in a browser "
              "(apt-get install chromium, or name one in FLOTSAM_CHROMIUM)")
        return SKIPPED
    report_tests = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory(prefix="flotsam-html-") as folder:
        subprocess.run([report_tests, "--gtest_filter=HtmlFiles.*"], env={**os.environ, "FLOTSAM_HTML_FOLDER": folder},
                       check=True, stdout=subprocess.DEVNULL)
        with Browser(chromium) as browser:
            result = unittest.main(exit=False).result
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
