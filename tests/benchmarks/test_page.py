#!/usr/bin/env python3
"""Whether benchmarks/page.py shows what a run says, loads nothing, and refuses input that is not whole.

results.json is a real run of a part of the benchmarks, without the names of machine and program; repeated.json one of a
row with --benchmark_repetitions=3; compile_time.json what compile_time.py wrote with three repeats, shortened.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import io
import json
import math
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "benchmarks"))
import page  # noqa: E402
import plots  # noqa: E402

RESULTS: dict[str, Any] = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
COMPILE = HERE / "compile_time.json"
VOID = {"meta"}


def us_of(name: str, key: str = "us") -> float:
    (row,) = [row for row in RESULTS["benchmarks"] if row["name"] == f"{name}/manual_time"]
    return float(row[key])


class Strict(HTMLParser):
    """Fails on an element that is not closed; collects elements, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Strict:
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert not parser.open, parser.open
    return parser


class Figure:
    """One figure of a page: its plot as XML, and the table of its numbers."""

    def __init__(self, markup: str) -> None:
        whole = xml.fromstring(markup)
        svg, table = whole.find("div/svg"), whole.find("details/div/table")
        assert svg is not None and table is not None
        self.svg = svg
        self.title, self.says = svg.findtext("title", ""), svg.findtext("desc", "")
        self.head = [cell.text or "" for cell in table.findall("thead/tr/th")]
        self.rows = [[cell.text or "" for cell in row] for row in table.findall("tbody/tr")]

    def column(self, name: str) -> dict[str, float]:
        at = self.head.index(name)
        return {row[0]: float(row[at].replace(",", "")) for row in self.rows if row[at]}

    def row(self, name: str) -> list[str]:
        (found,) = [row for row in self.rows if row[0] == name]
        return found[1:]


def place(element: xml.Element, key: str) -> float:
    return float(element.attrib[key])


class Page(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "page.html"

    def run_page(self, *arguments: str | Path) -> tuple[int, str]:
        """The exit status and what went to the standard error."""
        given = ["page.py", *map(str, arguments), "--out", str(self.out)]
        with mock.patch.object(sys, "argv", given), contextlib.redirect_stderr(io.StringIO()) as errors:
            return page.main(), errors.getvalue()

    def write(self, said: Any, name: str = "given.json") -> Path:
        path = self.folder / name
        path.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
        return path

    def made(self, said: Any = RESULTS, *arguments: str | Path) -> str:
        self.assertEqual(self.run_page(self.write(said), *arguments), (0, ""))
        self.assertEqual({path.suffix for path in self.folder.iterdir()}, {".json", ".html"})
        return self.out.read_text(encoding="utf-8")

    def figures(self, said: Any = RESULTS) -> dict[str, Figure]:
        found = re.findall(r"<figure>.*?</figure>", self.made(said), re.DOTALL)
        figures = [Figure(markup) for markup in found]
        return {figure.title: figure for figure in figures}


class Content(Page):
    def expect(self, shown: float, said: float) -> None:
        self.assertAlmostEqual(shown, said, delta=0.006 * said)

    def test_engines(self) -> None:
        for title, operation in (("Products by engine", "Multiply"), ("Secret powers by engine", "PowerSecret")):
            figure = self.figures()[title]
            keys = {"ours, ifma": "us", "ours, portable": "gmp_engine_us", "GMP": "baseline_us"}
            keys |= {"NTL": "ntl_us", "OpenSSL": "openssl_us"}
            self.assertEqual(figure.head[1:], list(keys))
            for name, key in keys.items():
                shown = figure.column(name)
                self.assertEqual(list(shown), ["2048", "3072", "6144"])
                for size, of in zip(shown, ("2048x1", "3072x1", "3072x2")):
                    self.expect(shown[size], us_of(f"Modular/{operation}/{of}", key))

    def test_key_sizes(self) -> None:
        figure = self.figures()["Paillier by key size"]
        for name, of in (("Encrypt/short", "Encrypt/{}/short"), ("Decrypt", "Decrypt/{}"), ("Add", "Add/{}")):
            for shown, key in ((figure.column(name), "us"), (figure.column(f"{name}, GMP"), "baseline_us")):
                self.assertEqual(list(shown), ["2048", "3072", "4096"])
                for size, us in shown.items():
                    self.expect(us, us_of("Paillier/" + of.format(f"{size}x1"), key))
        figure = self.figures()["Threshold decryption by key size"]
        self.assertIn("16 ciphertexts, 2 of 3. Dashed: the same result by plain GMP.", figure.says)
        for name in ("PartialDecryption", "VerifyPartial", "Combine"):
            for size, us in figure.column(name).items():
                self.expect(us, us_of(f"Threshold/{name}/{size}x1/2_of_3/ciphertexts:16"))

    def test_degrees(self) -> None:
        shown = self.figures()["Paillier by degree"].column("Decrypt")
        self.assertEqual(list(shown), ["1", "2", "3"])
        self.expect(shown["3"], us_of("Paillier/Decrypt/2048x3"))

    def test_bytes(self) -> None:
        figure = self.figures()["Bytes a value"]
        row = "Zk/ProveValidity/3072x1/1000_values"
        size, extra = us_of(row, "bytes"), us_of(row, "overhead")
        alone, proof, _, _, whole = figure.row("ProveValidity: 3072 bits, 1,000 values")
        self.expect(float(alone), size / (1 + extra))
        self.expect(float(proof), size - size / (1 + extra))
        self.expect(float(whole), size)
        for phase, at in (("Contribute", 2), ("Answer", 3)):
            size = us_of(f"Aggregation/{phase}/3072x1/25450_values/4_clients/2_of_3", "bytes")
            self.expect(float(figure.row(f"{phase}: 3072 bits, 25,450 values, 4 clients")[at]), size)
        self.assertEqual(len(figure.rows), 2 + 3 + 3)  # one row for each number of trustees would be 10
        shown = self.figures()["Bytes a value by slot width"].column("Pack")
        self.assertEqual(list(shown), ["18", "26", "34"])
        self.expect(shown["26"], 768 / 118)

    def test_round(self) -> None:
        figure = self.figures()["A round by phase"]
        self.assertEqual(len(figure.rows), 4)
        for values, clients, quorum, trustees in ((2000, 16, 2, 3), (2000, 4, 5, 9), (25450, 4, 2, 3)):

            def us(phase: str) -> float:
                return us_of(f"Aggregation/{phase}/3072x1/{values}_values/{clients}_clients/{quorum}_of_{trustees}")

            checks = us("CheckContribution") + us("AddContribution")
            all_clients = clients * (us("Contribute") + checks)
            answers = quorum * (us("Answer") + us("CheckAnswer"))
            each = all_clients + answers + us("Combine") + trustees * clients * checks
            *parts, end = figure.row(f"3072 bits, {values:,} values, {clients} clients, {quorum} of {trustees}")
            self.expect(float(end.removesuffix(" s")), each * values / 1e6)
            self.expect(sum(map(float, parts)), 100)
            self.expect(float(parts[2]), 100 * trustees * clients * checks / each)
            self.expect(float(parts[3]), 100 * quorum * us("Answer") / each)

    def test_order_of_bars(self) -> None:
        turned = RESULTS | {"benchmarks": RESULTS["benchmarks"][::-1]}
        for title in ("Bytes a value", "A round by phase"):
            self.assertEqual(self.figures(turned)[title].rows, self.figures()[title].rows)

    def test_scaling(self) -> None:
        figures = self.figures()
        shown = figures["Validity proofs by dimension"].column("ProveValidity")
        self.assertEqual(list(shown), ["1000", "20,000"])
        self.expect(shown["20,000"], us_of("Zk/ProveValidity/3072x1/20000_values"))
        for title, xs, last in (
            ("A round by dimension", ["2000", "25,450"], "25450_values/4_clients/2_of_3"),
            ("A round by clients", ["4", "16"], "2000_values/16_clients/2_of_3"),
            ("A round by quorum", ["2", "5"], "2000_values/4_clients/5_of_9"),
        ):
            self.assertEqual(figures[title].head[1:], page.PHASES)
            for phase in page.PHASES:
                shown = figures[title].column(phase)
                self.assertEqual(list(shown), xs)
                self.expect(shown[xs[0]], us_of(f"Aggregation/{phase}/3072x1/2000_values/4_clients/2_of_3"))
                self.expect(shown[xs[-1]], us_of(f"Aggregation/{phase}/3072x1/{last}"))
        shown = figures["Threshold decryption by quorum"].column("Combine")
        self.assertEqual(list(shown), ["2", "5", "17"])
        self.expect(shown["17"], us_of("Threshold/Combine/3072x1/17_of_33/ciphertexts:16"))

    def test_points_are_where_the_axes_say(self) -> None:
        checked = 0
        for figure in self.figures().values():
            lines = [path for path in figure.svg.iter("path") if path.get("class", "").startswith("line ")]
            if not lines:
                continue
            said = [text for text in figure.svg.iter("text") if text.get("text-anchor") == "end"]
            grid = {float((text.text or "").replace(",", "")): place(text, "y") - 4 for text in said}
            rules = {place(line, "y1") for line in figure.svg.iter("line") if line.get("class") == "grid"}
            self.assertEqual({round(y, 1) for y in grid.values()}, rules)
            measure: Callable[[float], float] = math.log
            if 0 in grid:
                measure = float
            low, high = min(grid), max(grid)
            for line in lines:
                drawn = [float(point.split()[1]) for point in line.attrib["d"].removeprefix("M").split("L")]
                wanted: dict[str, list[float]] = {}
                for name in figure.head[1:]:
                    above = [measure(us) - measure(low) for us in figure.column(name).values()]
                    unit = (grid[high] - grid[low]) / (measure(high) - measure(low))
                    wanted[name] = [grid[low] + unit * part for part in above]
                near = [ys for ys in wanted.values() if all(abs(y - to) < 1 for y, to in zip(ys, drawn, strict=True))]
                self.assertTrue(near, (figure.title, drawn))
                checked += 1
            self.assertEqual(len(lines), len(figure.head) - 1)
        self.assertEqual(checked, 53)

    def test_bars_are_as_long_as_the_axis_says(self) -> None:
        for title in ("Bytes a value", "A round by phase"):
            figure = self.figures()[title]
            lowest = max(place(text, "y") for text in figure.svg.iter("text"))  # what the axis is
            ticks = [text for text in figure.svg.iter("text") if place(text, "y") == lowest - 18]
            along = {float(text.text or ""): place(text, "x") for text in ticks}
            unit = (along[max(along)] - along[0]) / max(along)
            drawn = [place(box, "width") for box in figure.svg.iter("rect") if "edge" in box.get("class", "")]
            said = [float(cell) for row in figure.rows for cell in row[1:-1] if cell]
            self.assertEqual(len(drawn), len(said))
            for width, value in zip(drawn, said):
                self.assertAlmostEqual(width, unit * value, delta=1.5)

    def expect_readable(self, svg: xml.Element) -> None:
        """All text is inside of the picture, and no two on one line overlap."""
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        taken: list[tuple[float, float, float]] = []
        for text in svg.iter("text"):
            y, long = place(text, "y"), 6.6 * len(text.text or "")
            begin = place(text, "x") - {"start": 0, "middle": long / 2, "end": long}[text.attrib["text-anchor"]]
            self.assertTrue(begin >= -4 and begin + long <= width + 1 and 8 <= y <= height, text.text)
            for other, left, right in taken:
                self.assertFalse(abs(y - other) < 11 and begin < right and left < begin + long, text.text)
            taken.append((y, begin, begin + long))

    def test_readable(self) -> None:
        for figure in self.figures().values():
            self.expect_readable(figure.svg)

    def test_crowded(self) -> None:
        xs = [1000, 252398, 300000, 400000, 1000000]
        lines = [plots.Line(f"line {at}", [(x, 1 + at / 1000) for x in xs], at) for at in range(14)]
        markup = plots.figure(plots.Lines("title", "says", "x", "y", lines), 0)
        self.expect_readable(Figure(markup).svg)
        bars = [plots.Bar("a bar " * 8, [float(at), 1], "a long end") for at in range(30)]
        markup = plots.figure(plots.Bars("title", "says", "x", bars, ["a part of a long name"] * 2), 0)
        self.expect_readable(Figure(markup).svg)

    def test_names_belong_to_lines(self) -> None:
        for figure in self.figures().values():
            ends = {text.text: place(text, "y") - 4 for text in figure.svg.iter("text")}
            lines = [path for path in figure.svg.iter("path") if path.get("class", "").startswith("line ")]
            leaders = [rule for rule in figure.svg.iter("line") if rule.get("class") == "leader"]
            points = [path.attrib["d"].removeprefix("M").split("L") for path in lines]
            for leader, at in zip(leaders, points, strict=True):
                self.assertEqual(f"{leader.attrib['x1']} {leader.attrib['y1']}", at[-1])
                self.assertLess(abs(place(leader, "y1") - place(leader, "y2")), 15 * len(lines))
            if lines:
                names = [ends[name] for name in figure.head[1:]]
                for y, to in zip(sorted(place(leader, "y2") for leader in leaders), sorted(names), strict=True):
                    self.assertAlmostEqual(y, to, delta=0.2)
                marks = [mark for mark in figure.svg.iter("g") if "fill" in mark.attrib["class"]]
                self.assertEqual(len(marks), sum(map(len, points)) + len(lines))

    def test_every_row_and_the_machine(self) -> None:
        text = self.made()
        body = parsed(text).text
        for row in RESULTS["benchmarks"]:
            self.assertIn(row["name"].removesuffix("/manual_time"), body)
        for said in ("AMD EPYC", "avx512ifma", "GCC 12.2.0", "6.2.1", "1.0.18", "debug", RESULTS["context"]["date"]):
            self.assertIn(said, body)
        layers: dict[str, int] = {}
        for row in RESULTS["benchmarks"]:
            layer = row["name"].split("/")[0]
            layers[layer] = layers.get(layer, 0) + 1
        self.assertEqual({name: int(count) for name, count in re.findall(r"<summary>(\w+): (\d+) rows?<", text)}, layers)
        self.assertNotIn("Compile time", body)

    def test_compile_times(self) -> None:
        body = self.made(RESULTS, "--compile-time", COMPILE)
        parsed(body)
        for each in json.loads(COMPILE.read_text(encoding="utf-8"))["results"]:
            unit = each["unit"] + (", precompiled" if each["precompiled"] else "")
            self.assertIn(f">{unit}<", body)
            self.assertIn(each["compiler"], body)
            self.assertIn(f"<td>{each['least_seconds']:.2f}</td>", body)

    def test_filtered_run(self) -> None:
        said = copy.deepcopy(RESULTS)
        said["benchmarks"] = [row for row in said["benchmarks"] if row["name"].startswith("Paillier/")]
        said["benchmarks"] = [row for row in said["benchmarks"] if "/3072x1" in row["name"]]
        figures = self.figures(said)
        self.assertEqual(list(figures), ["Paillier by key size"])
        self.assertIn("In this run only key size, bits of n: 3072.", figures["Paillier by key size"].says)
        self.assertNotIn("Dashed", figures["Paillier by key size"].says)
        for name, key in (("ours", "us"), ("plain GMP", "baseline_us")):
            shown = figures["Paillier by key size"].column(name)
            self.assertEqual(len(shown), 3)
            row = "Decrypt" if name == "ours" else "Decrypt, GMP"
            self.assertAlmostEqual(shown[row], us_of("Paillier/Decrypt/3072x1", key), delta=1)
        missing = re.findall("not in this run: ([^<]*)", self.out.read_text(encoding="utf-8"))
        self.assertEqual(len(missing[0].split(", ")), 13)
        self.assertIn("A round by phase", missing[0])

    def test_missing_is_named(self) -> None:
        self.assertIn("not in this run: A round by key size<", self.made())

    def test_repeated_row(self) -> None:
        said = json.loads((HERE / "repeated.json").read_text(encoding="utf-8"))
        (median,) = [row["us"] for row in said["benchmarks"] if row.get("aggregate_name") == "median"]
        text = self.made(said)
        self.assertEqual(re.findall(r"<summary>(\w+): (\d+) rows?<", text), [("Encoding", "1")])
        self.assertIn(f"<td>{median:.3g}</td>", text)


class Closed(Page):
    def test_loads_nothing(self) -> None:
        text = self.made(RESULTS, "--compile-time", COMPILE)
        found = parsed(text)
        for name, attributes in found.elements:
            self.assertNotIn(name, ("script", "link", "img", "iframe", "object", "embed", "use", "image", "a", "base"))
            for key in attributes:
                self.assertNotIn(key, ("src", "href", "xlink:href", "srcset", "data", "style", "action"))
                self.assertFalse(key.startswith("on"), key)
        self.assertNotRegex(text, r"(?i)https?:|//|url\(|@import")
        (policy,) = [its["content"] for _, its in found.elements if its.get("http-equiv") == "Content-Security-Policy"]
        (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.assertTrue(policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';"), policy)
        self.assertIn("prefers-color-scheme: dark", style)

    def test_for_screen_readers(self) -> None:
        found = parsed(self.made())
        names = [its["id"] for _, its in found.elements if "id" in its]
        self.assertEqual(len(names), len(set(names)))
        pictures = [its for name, its in found.elements if name == "svg"]
        self.assertEqual(len(pictures), 13)
        for its in pictures:
            self.assertEqual(its["role"], "img")
            self.assertLessEqual(set(its["aria-labelledby"].split()), set(names))

    def test_escapes(self) -> None:
        evil = "<script>alert(1)</script>&\"'"
        said = copy.deepcopy(RESULTS)
        said["context"] |= {"cpu": evil, "date": evil, "engine": evil, "load_avg": [evil]}
        for row in said["benchmarks"]:
            row |= {"label": evil, evil: 1.5}
        compile_times = {"results": [{"unit": evil, "compiler": evil, "least_seconds": 1}]}
        text = self.made(said, "--compile-time", self.write(compile_times, "compile.json"))
        self.assertNotIn("<script", text)
        self.assertGreater(parsed(text).text.count(evil), 2 * len(said["benchmarks"]))
        figures = [Figure(markup) for markup in re.findall(r"<figure>.*?</figure>", text, re.DOTALL)]
        self.assertEqual(len(figures), 13)


class Refused(Page):
    def refuse(self, said: Any, message: str, *arguments: str | Path) -> None:
        """`message` follows the name of the file; the page that was there stays."""
        self.out.write_text("the page before", encoding="utf-8")
        path = self.write(said)
        status, errors = self.run_page(path, *arguments)
        self.assertEqual((status, errors), (1, f"page: {arguments[-1] if arguments else path}: {message}\n"))
        self.assertEqual(self.out.read_text(encoding="utf-8"), "the page before")
        self.assertEqual(list(self.folder.glob("*.part")), [])

    def changed(self, **changes: Any) -> Any:
        said = copy.deepcopy(RESULTS)
        said["benchmarks"][2] |= changes
        return said

    ROW = "row 3, Aggregation/AddContribution/3072x1/2000_values/4_clients/2_of_3/manual_time"

    def test_no_file(self) -> None:
        said = "cannot be read: No such file or directory"
        self.assertEqual(self.run_page("/none.json"), (1, f"page: /none.json: {said}\n"))
        self.assertEqual(self.run_page(self.folder), (1, f"page: {self.folder}: cannot be read: Is a directory\n"))

    def test_not_json(self) -> None:
        self.refuse("", "empty: no benchmark ran")
        self.refuse("\n", "empty: no benchmark ran")
        self.refuse("{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
        path = self.folder / "given.json"
        path.write_bytes(b"\xff")
        status, errors = self.run_page(path)
        self.assertEqual(status, 1)
        self.assertIn(f"{path}: not JSON: 'utf-8' codec can't decode", errors)

    def test_not_google_benchmarks(self) -> None:
        for bad in ([], 3, {"context": {}}, {"context": 1, "benchmarks": []}, {"context": {}, "benchmarks": 1}):
            self.refuse(bad, "not results of Google Benchmark")
        self.refuse({"context": {}, "benchmarks": []}, "no rows")
        self.refuse({"context": {}, "benchmarks": [{}]}, "row 1: not a row of Google Benchmark")
        self.refuse({"context": {}, "benchmarks": [[]]}, "row 1: not a row of Google Benchmark")
        said: Any = self.changed()
        del said["benchmarks"][2]["cpu_time"]
        self.refuse(said, f"{self.ROW}: not a row of Google Benchmark: 'cpu_time'")
        self.refuse(self.changed(time_unit="h"), f"{self.ROW}: not a row of Google Benchmark: 'h'")
        self.refuse(self.changed(time_unit=[]), f"{self.ROW}: not a row of Google Benchmark: unhashable type: 'list'")

    def test_row_that_failed(self) -> None:
        said = self.changed(error_occurred=True, error_message="wrong sum")
        self.refuse(said, f"{self.ROW}: failed in the run: wrong sum")

    def test_name_that_does_not_parse(self) -> None:
        for name, why in (
            ("Zk", "no operation"),
            ("Zk/3072x1/Link", "'3072x1'"),
            ("Zk/Link/3072x", "'3072x'"),
            ("Zk/Link//4_clients", "''"),
            ("Zk/Link/<b>", "'<b>'"),
            ("Zk/Link/bits:many", "'bits:many'"),
        ):
            form = "not a name of the form Layer/Operation/parameters"
            self.refuse(self.changed(run_name=name), f"{self.ROW}: {form}: {why}")

    def test_numbers(self) -> None:
        self.refuse(self.changed(us=math.nan), f"{self.ROW}: us is nan")
        self.refuse(self.changed(ratio=math.inf), f"{self.ROW}: ratio is inf")
        self.refuse(self.changed(real_time=-math.inf), f"{self.ROW}: real_time is -inf")
        self.refuse(self.changed(bytes="6"), f"{self.ROW}: bytes is not a number")
        self.refuse(self.changed(bytes=True), f"{self.ROW}: bytes is not a number")
        self.refuse(self.changed(us=0), f"{self.ROW}: a time is not above 0")
        self.refuse(self.changed(baseline_us=-1), f"{self.ROW}: a time is not above 0")

    def test_compile_times(self) -> None:
        for said in ([], {}, {"results": [{}]}, {"results": [{"unit": "a", "compiler": "b", "least_seconds": "c"}]}):
            self.refuse(RESULTS, "not results of compile_time.py", "--compile-time", self.write(said, "compile.json"))
        nan = {"results": [{"unit": "core", "compiler": "g++", "least_seconds": math.nan}]}
        self.refuse(RESULTS, "core: least_seconds is nan", "--compile-time", self.write(nan, "compile.json"))

    def test_page_cannot_be_written(self) -> None:
        self.out.mkdir()
        status, errors = self.run_page(self.write(RESULTS))
        self.assertEqual((status, errors), (1, f"page: {self.out}: cannot be written: Is a directory\n"))
        self.assertEqual(list(self.folder.glob("*.part")), [])


if __name__ == "__main__":
    unittest.main()
