#!/usr/bin/env python3
"""The programs of the benchmarks, as far as that needs no measuring: every row's name, a run of one row and its page, and
what `./run bench estimate` refuses.

    test_programs.py VEILSUM_BENCH VEILSUM_ESTIMATE
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import page  # noqa: E402

BENCH, ESTIMATE = sys.argv[1:3]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def quick_filter() -> str:
    """What `./run bench --quick` gives to Google Benchmark."""
    return "".join(re.findall(r"^quick_benchmarks\+?='(.*)'$", (ROOT / "run").read_text(encoding="utf-8"), re.M))


class Rows(unittest.TestCase):
    def setUp(self) -> None:
        listed = run(BENCH, "--benchmark_list_tests")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.names = listed.stdout.split()

    def test_names(self) -> None:
        self.assertGreater(len(self.names), 200)
        self.assertEqual(len(self.names), len(set(self.names)))
        layers = {page.split_name(name)[0] for name in self.names}  # ValueError for a name of another form
        wanted = {"Aggregation", "Audit", "Encoding", "Group", "Integer", "Modular", "Paillier", "Pedersen", "Threshold"}
        self.assertLessEqual(wanted | {"Zk", "Proof"}, layers)

    def test_quick_run_has_every_part_of_its_filter(self) -> None:
        chosen = quick_filter()
        self.assertTrue(chosen.startswith("^(") and chosen.endswith(")"), chosen)
        depth, part, parts = 0, "", []
        for each in chosen[2:-1]:
            depth += (each == "(") - (each == ")")
            if each == "|" and depth == 0:
                parts.append(part)
                part = ""
            else:
                part += each
        for part in [*parts, part]:
            self.assertTrue([name for name in self.names if re.match(part, name)], f"no row is called {part}")
        self.assertLess(len([name for name in self.names if re.match(chosen, name)]), len(self.names) / 2)

    def test_one_row_and_its_page(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            results, made = Path(folder, "results.json"), Path(folder, "page.html")
            done = run(
                BENCH,
                "--benchmark_filter=Encoding/Pack/.*slot_bits:26",
                "--benchmark_min_time=0.01",
                f"--benchmark_out={results}",
                "--benchmark_out_format=json",
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Encoding/Pack", done.stdout)
            drawn = run(sys.executable, str(ROOT / "benchmarks/page.py"), str(results), "--out", str(made))
            self.assertEqual(drawn.returncode, 0, drawn.stderr)
            self.assertIn("Encoding/Pack", made.read_text(encoding="utf-8"))

    def test_wrong_option(self) -> None:
        self.assertEqual(run(BENCH, "--no-such-option").returncode, 1)


class Estimate(unittest.TestCase):
    def refuse(self, said: str, *words: str) -> None:
        done = run(ESTIMATE, *words)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn(said, done.stdout + done.stderr)

    def test_help(self) -> None:
        done = run(ESTIMATE, "--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--parameters", "--clients", "--key", "--quorum", "--trustees", "--check"):
            self.assertIn(option, done.stdout)

    def test_refused(self) -> None:
        self.refuse("--parameters is required", "--clients", "3")
        self.refuse("--clients is required", "--parameters", "3")
        self.refuse("--parameters", "--parameters", "0", "--clients", "3")
        self.refuse("--parameters", "--parameters", "16777217", "--clients", "3")
        self.refuse("--parameters", "--parameters", "many", "--clients", "3")
        self.refuse("--clients", "--parameters", "10", "--clients", "1")
        self.refuse("--clients", "--parameters", "10", "--clients", "29001")
        self.refuse("--key: 1024 not in", "--parameters", "10", "--clients", "5", "--key", "1024")
        more_than_half = "the quorum is more than half of the trustees"
        self.refuse(more_than_half, "--parameters", "10", "--clients", "5", "--quorum", "2", "--trustees", "5")
        self.refuse(more_than_half, "--parameters", "10", "--clients", "5", "--quorum", "4", "--trustees", "3")
        self.refuse("number of rows (check 15)", "--parameters", "16777216", "--clients", "10")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
