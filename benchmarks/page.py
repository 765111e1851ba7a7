#!/usr/bin/env python3
"""One HTML page, with plots, of one run of the benchmarks; `./run bench` makes it.

    python3 benchmarks/page.py build/bench/TIME.json --out page.html
    python3 benchmarks/page.py build/bench/TIME.json --compile-time TIME-compile.json --out page.html

The page needs nothing else: no script, no other file. Every plot is made from the rows of this run alone; one for which
the run has no rows is left out and named. Of a repeated row the median counts. Input that is not whole is refused with
status 1, and a page that was there before stays.

Three parts: rows (what the file says), plots (what is shown of them; plots.py says how), page.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plots import Bar, Bars, Line, Lines, figure, number, table, tag

# --- Rows ---

# What Google Benchmark says of a row beside its times and counters, and adds to its name beside the parameters.
NO_COUNTERS = set(
    "name run_name run_type aggregate_name aggregate_unit family_index per_family_instance_index label time_unit "
    "repetitions repetition_index threads iterations".split()
)
ADDED = re.compile(r"manual_time|real_time|process_time|(iterations|repeats|threads|min_time|min_warmup_time):[\d.]+")
PARAMETER = re.compile(
    r"(?P<bits>\d+)x(?P<degree>\d+)|(?P<quorum>\d+)_of_(?P<trustees>\d+)|(?P<values>\d+)_values"
    r"|(?P<clients>\d+)_clients|(?P<argument>\d+)|(?P<name>[a-z_]+):(?P<value>\d+)"
)
MICROSECONDS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


class Refused(Exception):
    """Input of which no page is made; says the file and the row."""


@dataclass(frozen=True)
class Row:
    name: str  # without what Google Benchmark adds
    layer: str
    operation: str  # the words of the name after the layer
    parameters: dict[str, int]
    one: str  # what `us` is for
    us: float
    counters: dict[str, float]


def split_name(name: str) -> tuple[str, list[str], dict[str, int]]:
    """Layer, words and parameters of Layer/Operation/parameters; ValueError, with the part, for another form."""
    words: list[str] = []
    parameters: dict[str, int] = {}
    for part in name.split("/"):
        if ADDED.fullmatch(part):
            continue
        if re.fullmatch(r"[A-Za-z]\w*", part):
            words.append(part)
        elif len(words) >= 2 and (found := PARAMETER.fullmatch(part)):
            said = {key: text for key, text in found.groupdict().items() if text is not None}
            if "name" in said:
                said = {said["name"]: said["value"]}
            parameters |= {key: int(text) for key, text in said.items()}
        else:
            raise ValueError(repr(part))
    if len(words) < 2:
        raise ValueError("no operation")
    return words[0], words[1:], parameters


def read_json(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise Refused(f"{path}: empty: no benchmark ran")
        return json.loads(text)
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path}: not JSON: {error}") from error


def read_row(where: str, said: dict[str, Any]) -> Row:
    if said.get("error_occurred"):
        raise Refused(f"{where}: failed in the run: {said.get('error_message')}")
    name = str(said.get("run_name", said["name"]))
    try:
        layer, words, parameters = split_name(name)
    except ValueError as error:
        raise Refused(f"{where}: not a name of the form Layer/Operation/parameters: {error}") from error
    counters: dict[str, float] = {}
    for key, value in said.items():
        if key in NO_COUNTERS:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Refused(f"{where}: {key} is not a number")
        if not math.isfinite(value):
            raise Refused(f"{where}: {key} is {value}")
        counters[key] = float(value)
    try:
        real, processor = (counters.pop(key) * MICROSECONDS[said["time_unit"]] for key in ("real_time", "cpu_time"))
    except (KeyError, TypeError) as error:
        raise Refused(f"{where}: not a row of Google Benchmark: {error}") from error
    us = counters.pop("us", real if {"manual_time", "real_time"} & set(name.split("/")) else processor)
    if us <= 0 or counters.get("baseline_us", 1) <= 0:
        raise Refused(f"{where}: a time is not above 0")
    shown = "/".join(part for part in name.split("/") if not ADDED.fullmatch(part))
    return Row(shown, layer, "/".join(words), parameters, str(said.get("label", "")), us, counters)


def read_results(path: Path) -> tuple[dict[str, Any], list[Row]]:
    """The context and the rows of a file that Google Benchmark wrote."""
    said = read_json(path)
    try:
        context, listed = dict(said["context"]), list(said["benchmarks"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"{path}: not results of Google Benchmark") from error
    rows: dict[str, Row] = {}
    for at, each in enumerate(listed, 1):
        if not isinstance(each, dict) or "name" not in each:
            raise Refused(f"{path}: row {at}: not a row of Google Benchmark")
        if each.get("run_type") != "aggregate" or each.get("aggregate_name") == "median":
            row = read_row(f"{path}: row {at}, {each['name']}", each)
            rows[row.name] = row  # the median comes after the repetitions
    if not rows:
        raise Refused(f"{path}: no rows")
    return context, list(rows.values())


def read_compile_times(path: Path) -> dict[str, dict[str, float]]:
    """Seconds of each include, by compiler, from what compile_time.py wrote."""
    said = read_json(path)
    seconds: dict[str, dict[str, float]] = {}
    try:
        for each in said["results"]:
            least = float(each["least_seconds"])
            if not math.isfinite(least):
                raise Refused(f"{path}: {each['unit']}: least_seconds is {least}")
            unit = str(each["unit"]) + (", precompiled" if each.get("precompiled") else "")
            seconds.setdefault(unit, {})[str(each["compiler"])] = least
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"{path}: not results of compile_time.py") from error
    return seconds


# --- Plots ---


def setting(parameters: dict[str, int]) -> str:
    said = [f"{parameters['bits']} bits"] if "bits" in parameters else []
    if parameters.get("degree", 1) != 1:
        said.append(f"degree {parameters['degree']}")
    said += [f"{parameters[key]:,} {key}" for key in ("values", "clients", "ciphertexts") if key in parameters]
    if "trustees" in parameters:
        said.append(f"{parameters['quorum']} of {parameters['trustees']}")
    return ", ".join(said)


def microseconds(row: Row) -> float:
    return row.us


def sweep(
    rows: Iterable[Row],
    axis: str,
    free: tuple[str, ...] = (),
    value: Callable[[Row], float] = microseconds,
    baseline: str = "",
) -> tuple[list[Line], str]:
    """A line for each operation, of rows that differ in the parameter `axis` alone, and the setting of these rows.

    Of several settings the one with most points on the axis. What is `free` may differ too; then the smallest counts.
    """
    found: dict[tuple[tuple[str, int], ...], dict[str, dict[float, Row]]] = {}
    for row in sorted(rows, key=lambda row: [-row.parameters.get(key, 0) for key in free]):
        if axis in row.parameters:
            fixed = {key: its for key, its in row.parameters.items() if key != axis and key not in free}
            lines = found.setdefault(tuple(sorted(fixed.items())), {})
            lines.setdefault(row.operation, {})[row.parameters[axis]] = row
    if not found:
        return [], ""
    best = max(found, key=lambda key: (len({x for line in found[key].values() for x in line}), len(found[key]), key))
    made: list[Line] = []
    for hue, (name, line) in enumerate(found[best].items()):
        at = sorted(line.items())
        made.append(Line(name, [(x, value(row)) for x, row in at], hue))
        theirs = [(x, row.counters["baseline_us"]) for x, row in at if "baseline_us" in row.counters]
        if baseline and theirs:
            made.append(Line(f"{name}, {baseline}", theirs, hue, dashed=True))
    return made, setting(dict(best))


def engines(rows: Iterable[Row], operation: str, ours: str) -> list[Line]:
    """Each engine's time of one operation against the size of its modulus."""
    names = {"gmp_engine_us": "ours, portable", "baseline_us": "GMP", "ntl_us": "NTL", "openssl_us": "OpenSSL"}
    own = [row for row in rows if row.layer == "Modular" and row.operation == operation and "bits" in row.parameters]
    own.sort(key=lambda row: row.parameters["bits"] * row.parameters["degree"])
    sizes = [float(row.parameters["bits"] * row.parameters["degree"]) for row in own]
    made = [Line(f"ours, {ours}", [(x, row.us) for x, row in zip(sizes, own)], 0)] if own else []
    for hue, (key, name) in enumerate(names.items(), 1):
        points = [(x, row.counters[key]) for x, row in zip(sizes, own) if row.counters.get(key, 0) > 0]
        if points:
            made.append(Line(name, points, hue))
    return made


PHASES = ["Contribute", "CheckContribution", "AddContribution", "Answer", "CheckAnswer", "Combine"]


def by_size(rows: Iterable[Row], *keys: str) -> list[Row]:
    return sorted(rows, key=lambda row: [row.parameters.get(key, 0) for key in ("bits", "values", "clients", *keys)])


def rounds(rows: Iterable[Row]) -> list[Bar]:
    """Where a whole round's time goes, in percent; multiplied as aggregation/bench_round.cpp says."""
    found: dict[str, dict[str, Row]] = {}
    for row in by_size(rows, "quorum"):
        found.setdefault(setting(row.parameters), {})[row.operation] = row
    made: list[Bar] = []
    for name, phases in found.items():
        if set(PHASES) <= set(phases):
            contribute, check, add, answer, check_answer, combine = (phases[phase].us for phase in PHASES)
            of = phases["Combine"].parameters
            checks = of["clients"] * (check + add)
            parts = [of["clients"] * contribute, checks, of["trustees"] * checks]
            parts += [of["quorum"] * answer, of["quorum"] * check_answer, combine]
            seconds = sum(parts) * of["values"] / 1e6
            made.append(Bar(name, [100 * part / sum(parts) for part in parts], f"{number(seconds)} s"))
    return made


def bytes_a_value(rows: Iterable[Row]) -> list[Bar]:
    """Of Zk's submissions ciphertexts and proof, then whole contributions, then answers; the quorum hardly matters."""
    made: dict[str, Bar] = {}
    kinds = [("Zk", "ProveValidity"), ("Aggregation", "Contribute"), ("Aggregation", "Answer")]
    for at, kind in enumerate(kinds):
        for row in by_size(rows, "quorum"):
            size = row.counters.get("bytes", 0)
            if (row.layer, row.operation) == kind and size > 0:
                alone = size / (1 + row.counters.get("overhead", 0))
                parts = [[alone, size - alone, 0, 0], [0, 0, size, 0], [0, 0, 0, size]][at]
                fixed = {key: its for key, its in row.parameters.items() if key != "trustees"}
                name = f"{row.operation}: {setting(fixed)}"
                made.setdefault(name, Bar(name, parts, number(size)))
    return list(made.values())


def plots(rows: list[Row], ours: str) -> tuple[list[Lines | Bars], list[str]]:
    """What there is to show, and the titles of what these rows do not have."""

    def of(layer: str, *operations: str) -> list[Row]:
        return [row for row in rows if row.layer == layer and (not operations or row.operation in operations)]

    paillier = of("Paillier", "Encrypt/short", "Decrypt", "Add")
    threshold = of("Threshold", "PartialDecryption", "VerifyPartial", "Combine")
    zk = of("Zk", "ProveValidity", "VerifyValidity", "VerifyMerged", "CommitPlanes", "Sumcheck", "Link")
    a_round = of("Aggregation", *PHASES)
    value, ciphertext, bits = "microseconds a value", "microseconds a ciphertext", "key size, bits of n"
    made: list[Lines | Bars] = []
    missing: list[str] = []

    def lines(
        title: str, says: str, x: str, y: str, found: tuple[list[Line], str], alone: bool = False, log_y: bool = True
    ) -> None:
        """Where the run has one point of the axis: bars if `alone`, else nothing."""
        xs = {x for line in found[0] for x, _ in line.points}
        says += f" {found[1]}." if found[1] else ""
        theirs = any(line.dashed for line in found[0])
        if len(xs) > 1:
            says += " Dashed: the same result by plain GMP." if theirs else ""
            made.append(Lines(title, says, x, y, found[0], log_y))
        elif xs and alone:
            all_bars: list[Bar] = []
            for line in found[0]:
                us = line.points[0][1]
                all_bars.append(Bar(line.name, [0, us] if line.dashed else [us, 0] if theirs else [us], number(us)))
            says += f" In this run only {x}: {number(xs.pop())}."
            made.append(Bars(title, says, y, all_bars, ["ours", "plain GMP"] if theirs else []))
        else:
            missing.append(title)

    def bars(title: str, says: str, x: str, parts: list[str], found: list[Bar]) -> None:
        if found:
            made.append(Bars(title, says, x, found, parts))
        else:
            missing.append(title)

    says, bits_of_modulus = "Each engine on the same numbers, one result of many.", "bits of the modulus"
    products, powers = (engines(rows, operation, ours) for operation in ("Multiply", "PowerSecret"))
    lines("Products by engine", says, bits_of_modulus, "microseconds a product", (products, ""), True)
    says += " Exponents are secret, of 512 bits; NTL is not constant time."
    lines("Secret powers by engine", says, bits_of_modulus, "microseconds a power", (powers, ""), True)
    first_degree = [row for row in paillier if row.parameters.get("degree") == 1]
    found = sweep(first_degree, "bits", baseline="GMP")
    lines("Paillier by key size", "One ciphertext of many.", bits, ciphertext, found, True)
    says = "One ciphertext; decryption and check are those of one trustee."
    found = sweep(threshold, "bits", baseline="GMP")
    lines("Threshold decryption by key size", says, bits, ciphertext, found, True)
    found = sweep(paillier, "degree", baseline="GMP")
    says = "One ciphertext of many; plaintexts are modulo n^s for degree s."
    lines("Paillier by degree", says, "degree", ciphertext, found)
    says = "One value of the update; benchmarks/aggregation/bench_round.cpp says what the phases are."
    lines("A round by key size", says, bits, value, sweep(a_round, "bits"))
    kinds = ["ciphertexts alone", "proof on top", "contribution with proof", "answer of one trustee"]
    sent = "What one party sends, over the values of the update. Only rows of Zk tell ciphertexts and proof apart."
    bars("Bytes a value", sent, "bytes a value", kinds, bytes_a_value(rows))
    shares = (
        "All parties together; the time stands at the end. Clients x (contribute, check, add), quorum x (answer,"
        " check), combine; each trustee checks and adds all contributions too."
    )
    kinds = ["contribute", "check and add: aggregator", "check and add: trustees", "answer", "check answers", "combine"]
    bars("A round by phase", shares, "percent of the round's processor time", kinds, rounds(a_round))
    found = sweep(of("Encoding", "Pack"), "slot_bits", ("value_bits",), lambda row: row.counters.get("bytes", 0))
    slots = "A ciphertext over the values in it, without proof."
    lines("Bytes a value by slot width", slots, "bits of a slot", "bytes a value", found, log_y=False)
    proofs = "Proving (without encryption) and verifying one update, and parts of proving."
    lines("Validity proofs by dimension", proofs, "values of the update", value, sweep(zk, "values"), True)
    lines("A round by dimension", says, "values of the update", value, sweep(a_round, "values", ("quorum", "trustees")))
    lines("A round by clients", says, "clients", value, sweep(a_round, "clients"))
    lines("A round by quorum", says, "trustees needed", value, sweep(a_round, "quorum", ("trustees",)))
    found = sweep(threshold, "quorum", ("trustees",))
    lines("Threshold decryption by quorum", "One ciphertext.", "trustees needed", ciphertext, found)
    return made, missing


# --- Page ---

MACHINE = {
    "cpu": "processor",
    "cpu_features": "of its features",
    "num_cpus": "processors seen",
    "threads": "threads of a loop",
    "load_avg": "load at the start, over 1, 5 and 15 minutes",
    "date": "begun",
    "engine": "fastest engine here",
    "compiler": "compiler",
    "gmp": "GMP",
    "libsodium": "libsodium",
    "library_build_type": "build of Google Benchmark itself, not of what is timed",
}


def row_table(rows: Iterable[Row]) -> str:
    columns = ["baseline_us", "ratio", "bytes", "peak_MiB"]
    body: list[list[str]] = []
    for row in rows:
        known = [number(row.counters[key]) if key in row.counters else "" for key in columns]
        others = [f"{key} {number(value)}" for key, value in row.counters.items() if key not in columns]
        body.append([row.name, number(row.us), row.one, *known, ", ".join(others)])
    head = ["row", "us", "of one", "baseline us", "ratio", "bytes", "peak MiB", "further counters"]
    return table(head, body, "last")


def page(context: dict[str, Any], rows: list[Row], compile_times: dict[str, dict[str, float]]) -> str:
    machine = {
        key: ", ".join(map(str, said)) if isinstance(said, list) else str(said)
        for key, said in ({key: "not said" for key in MACHINE} | context).items()
    }
    title = html.escape(f"veilsum: benchmarks of {machine['date']}")
    shown, missing = plots(rows, machine["engine"])
    said = (
        "us is microseconds for one of what the row names: processor time, but for what waits for a disk. On a shared"
        " machine trust ratios more than times. How it is measured: docs/performance.md."
    )
    body = [tag("h1", title), tag("h2", "Machine")]
    body += [table([], [[name, machine[key]] for key, name in MACHINE.items()], "text"), tag("p", said, class_="quiet")]
    figures = "\n".join(figure(plot, at) for at, plot in enumerate(shown))
    body += [tag("h2", "Plots"), tag("div", figures, class_="plots")]
    if missing:
        body.append(tag("p", html.escape(f"not in this run: {', '.join(missing)}"), class_="quiet"))
    body.append(tag("h2", "Every row"))
    for layer in dict.fromkeys(row.layer for row in rows):
        own = [row for row in rows if row.layer == layer]
        said = f"{layer}: {len(own)} row{'s' if len(own) > 1 else ''}"
        body.append(tag("details", tag("summary", html.escape(said)) + row_table(own)))
    if compile_times:
        compilers = list(dict.fromkeys(name for times in compile_times.values() for name in times))
        units = []
        for unit, times in compile_times.items():
            units.append([unit, *(f"{times[name]:.2f}" if name in times else "" for name in compilers)])
        said = "Seconds of processor time for a file with that one include, unoptimised."
        body += [tag("h2", "Compile time"), tag("p", said, class_="quiet"), table(["include", *compilers], units)]
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{chr(10).join(body)}
</body>
</html>
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="what veilsum_bench wrote, as JSON")
    parser.add_argument("--compile-time", type=Path, help="what compile_time.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the page")
    given = parser.parse_args()
    part = given.out.with_name(given.out.name + ".part")
    try:
        context, rows = read_results(given.results)
        made = page(context, rows, read_compile_times(given.compile_time) if given.compile_time else {})
        try:
            part.write_text(made, encoding="utf-8")
            os.replace(part, given.out)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise Refused(f"{given.out}: cannot be written: {error.strerror}") from error
    except Refused as refused:
        print(f"page: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
