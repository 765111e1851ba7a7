#!/usr/bin/env python3
"""Opens pages of `audit --html` in headless Chromium: good ones, ones of refused records, and ones that
somebody changed, and asserts which of the page's checks says what.

    audit_page.py FOLDER_OF_PROGRAMS

Exit status: 0 as expected, 1 not, 77 something that is needed is not there.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from typing import Any

from browser import Browser, find_chromium

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

CHROMIUM = find_chromium()
if CHROMIUM is None:
    print("skipped: Chromium is not installed")
    sys.exit(77)
try:
    from veilsum_record import merkle, messages, note, sodium
    from veilsum_record.log import FILE_MAGIC, NO_DIGEST, Record, framed
except Exception as error:  # no libsodium
    print(f"skipped: {error}")
    sys.exit(77)

PROGRAMS = sys.argv[1]
FOLDER = tempfile.mkdtemp(prefix="audit-page-")
CHECKS = "tools log session signature tree bodies parties story statement".split()
failures: list[str] = []


def expect(what: str, got: Any, wanted: Any) -> None:
    if got != wanted:
        failures.append(what)
        print(f"FAILED: {what}\n  expected {wanted!r}\n  got      {got!r}")


def program(name: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [os.path.join(PROGRAMS, name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


def write(name: str, data: bytes) -> str:
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class Page:
    """The embedded parts of a page, to change and write anew."""

    def __init__(self, path: str) -> None:
        self.html = read(path).decode()

    def block(self, name: str) -> str:
        found = re.search(f'<script type="[a-z/]*" id="{name}">(.*?)</script>', self.html, re.DOTALL)
        assert found is not None
        return found.group(1)

    def replace(self, name: str, text: str) -> None:
        self.html = self.html.replace(f'id="{name}">{self.block(name)}<', f'id="{name}">{text}<', 1)

    @property
    def log(self) -> bytes:
        return base64.b64decode(self.block("log"))

    @log.setter
    def log(self, data: bytes) -> None:
        self.replace("log", base64.b64encode(data).decode())

    @property
    def checkpoint(self) -> bytes:
        return base64.b64decode(self.block("checkpoint"))

    @checkpoint.setter
    def checkpoint(self, data: bytes) -> None:
        self.replace("checkpoint", base64.b64encode(data).decode())

    @property
    def bodies(self) -> list[bytes]:
        return [base64.b64decode(line) for line in self.block("bodies").split()]

    @bodies.setter
    def bodies(self, data: list[bytes]) -> None:
        self.replace("bodies", "\n".join(base64.b64encode(body).decode() for body in data))

    def say(self, **figures: Any) -> None:
        """Changes the program's statement."""
        text = json.dumps({**json.loads(self.block("statement")), **figures})
        self.replace("statement", text.replace("<", "\\u003c"))

    @property
    def records(self) -> list[Record]:
        data, at, found = self.log, len(FILE_MAGIC), []
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            found.append(Record.parse(data[at + 4 : at + 4 + length]))
            at += length + 12
        return found

    def write(self, name: str) -> str:
        return write(name, self.html.encode())


Entries = list[tuple[int, bytes]]  # types and bodies of records


def chained(bodies: Entries) -> list[Record]:
    made: list[Record] = []
    previous = NO_DIGEST
    for sequence, (kind, body) in enumerate(bodies):
        made.append(Record(kind, 1, sequence, previous, body))
        previous = made[-1].hash()
    return made


def log_of(records: list[Record]) -> bytes:
    return FILE_MAGIC + b"".join(map(framed, records))


def signed(records: list[Record], origin: str, seed: bytes) -> bytes:
    root = merkle.root_of(record.canonical() for record in records)
    return note.sign_checkpoint(note.Checkpoint(origin, len(records), root), seed)


def named(records: list[Record]) -> dict[str, Any]:
    """How a verdict names this log."""
    root = merkle.root_of(record.canonical() for record in records)
    return {"records": len(records), "root": root.hex(), "head": records[-1].hash().hex()}


SEED = hashlib.sha256(b"a key of this test").digest()
KEY = sodium.key_pair(SEED)[0]


# Records and fields of wire-format, sections 3.1, 4 and 9.1.
ENROLMENT, REMOVAL, KEY_ROTATED, ROUND_ABANDONED = 10, 11, 12, 13
# Of round_opened.
ROUND, ROSTER, KEY_ID, NUMBER, DRAWN, LEDGER = 0, 125, 173, 205, 209, 213


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def signed_by(seed: bytes, label: str, message: bytes) -> bytes:
    return sodium.sign(seed, u64(len(label)) + label.encode() + message)


def enrolment(session: bytes, seed: bytes, weight: int, serial: int) -> bytes:
    said = sodium.key_pair(seed)[0] + u32(weight) + u64(serial)
    return said + signed_by(seed, "veilsum/aggregation/v1/enrolment", session + said)


def session_opened(origin: str) -> tuple[int, bytes]:
    name = origin.encode()
    header = bytes(32) + (2048).to_bytes(4, "big") + b"\0\1\1" + bytes(64) + KEY
    return messages.SESSION_OPENED, header + len(name).to_bytes(4, "big") + name


def folder_of(name: str, records: list[Record], checkpoint: bytes) -> str:
    folder = os.path.join(FOLDER, name)
    os.makedirs(os.path.join(folder, "bodies"))
    write(name + "/log", log_of(records))
    write(name + "/checkpoint", checkpoint)
    return folder


class Opened:
    """What a page says once its check has ended."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.ended = browser.open(url if "://" in url else "file://" + url)
        rows = browser.evaluate(
            "[...document.querySelectorAll('#checks tr')]"
            ".map(r => [r.dataset.check, r.dataset.outcome, r.lastChild.textContent])"
        )
        self.outcomes = {row[0]: row[1] for row in rows}
        self.words = {row[0]: row[2] for row in rows}
        self.verdict = self.text("#verdict .result")
        self.result = self.text("#browser .result")
        self.events = self.text("#events")

    def text(self, selector: str) -> str:
        script = f"(document.querySelector({json.dumps(selector)}) || {{}}).textContent || ''"
        return str(self.browser.evaluate(script))

    def steps(self) -> list[str]:
        script = "[...document.querySelectorAll('#steps tr')].map(r => r.lastChild.textContent)"
        return list(self.browser.evaluate(script))

    def expect(self, what: str, **not_holding: str) -> None:
        """Every check holds but these, whose outcomes are given."""
        expect(what, self.outcomes, {**dict.fromkeys(CHECKS, "holds"), **not_holding})
        failed = list(not_holding.values()).count("fails")
        if failed:
            expect(what + ": result", self.result, f"\u2717 {failed} of {len(CHECKS)} checks FAIL")
        elif not_holding:
            open_ = len(not_holding)
            held = f"{len(CHECKS) - open_} of {len(CHECKS)} checks hold"
            expect(what + ": result", self.result, f"? {held}, {open_} not checked")
        else:
            expect(what + ": result", self.result, f"\u2713 all {len(CHECKS)} checks hold")

    def compare(self, field: str, text: str) -> str:
        script = f"""(async () => {{
            const field = document.getElementById("expected-{field}");
            const answer = document.getElementById("answer-{field}");
            field.value = {json.dumps(text)};
            field.dispatchEvent(new Event("input"));
            for (let i = 0; i < 100 && answer.textContent === ""; ++i)
                await new Promise(resume => setTimeout(resume, 10));
            const said = answer.textContent;
            field.value = "";
            field.dispatchEvent(new Event("input"));
            return said;
        }})()"""
        return str(self.browser.evaluate(script))


def good(browser: Browser, page: str, record: str, printed: str) -> Opened:
    opened = Opened(browser, page)
    opened.expect("a good page")
    expect("a good page: verdict", opened.verdict, "\u2713 accepted")
    expect("a good page asks for nothing else", browser.requests(), ["file://" + page])
    expect("a good page has nothing to complain of", browser.complaints(), [])
    expect("the digest that audit prints", hashlib.sha256(read(page)).hexdigest() in printed, True)
    addresses = re.findall(r"(?:https?:)?//[a-z]|\b(?:src|href)=\"[^#]", Page(page).html.split("<script")[0])
    expect("the page names no address", addresses, [])
    picture = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    load = f"""new Promise(resume => {{
        const image = new Image();
        image.onload = () => resume("loaded");
        image.onerror = () => resume("refused");
        image.src = "{picture}";
    }})"""
    expect("the policy refuses what the page does not need", browser.evaluate(load), "refused")
    records = Page(page).records
    refused = next(r for r in records if r.type == messages.REFUSAL)
    result = next(r for r in records if r.type == messages.ROUND_RESULT)
    opening = next(r for r in records if r.type == messages.ROUND_OPENED)
    for what, part in [
        ("the refused client", refused.body[8:40].hex()),
        ("the reason in words", "the validity proof's equations of scalars do not hold (108)"),
        ("the trustees that opened", "opened by trustees 1, 2"),
        ("trustees and quorum", "3 trustees, of whom any 2 open a sum"),
        ("the counts", "2 contributed, 1 refused, 0 silent"),
        ("the files", "model.bin"),
        ("the clients that enrolled", "3 enrolled."),
        ("the roster", "Whole pool: 3 clients."),
    ]:
        expect(f"the timeline shows {what}", part in opened.events, True)
    browser.evaluate("document.getElementById('unfold').click()")
    # `toggle` comes later, but the button fills the rounds itself.
    for what, part in [
        ("the model before", opening.body[8:40].hex()),
        ("the model after", result.body[-32:].hex()),
        ("the bytes of the bodies", "partial decryptions "),
    ]:
        expect(f"an opened round shows {what}", part in opened.text("#events"), True)
    expect("thirteen steps", opened.steps(), ["\u2713 ok"] * 13)

    session, key = records[0].hash().hex(), records[0].body[103:135].hex()
    spelled = f" {session.upper()}\n"
    expect("the session that was expected", opened.compare("session", spelled)[:7], "\u2713 match")
    expect("another session", opened.compare("session", key)[:10], "\u2717 MISMATCH")
    expect("half a session id", opened.compare("session", session[:32])[:1], "?")
    expect("the aggregator that was expected", opened.compare("aggregator", key)[:7], "\u2713 match")
    expect("another aggregator", opened.compare("aggregator", KEY.hex())[:10], "\u2717 MISMATCH")
    own = read(record + "/checkpoint").decode()
    said = opened.compare("checkpoint", own)
    expect("the checkpoint that was expected", said[:7], "\u2713 match")
    expect("its signature", "signed by the aggregator's key" in said, True)
    origin = own.split("\n")[0]
    for size, wanted in [
        (2, "\u2713 match: this log continues that checkpoint and has"),
        (len(records) + 1, "\u2717 MISMATCH: it covers"),
    ]:
        older = note.Checkpoint(origin, size, merkle.root_of(r.canonical() for r in records[:size])).text()
        expect(f"a checkpoint of {size} records", opened.compare("checkpoint", older)[: len(wanted)], wanted)
    other = note.Checkpoint(origin, 3, bytes(32)).text()
    expect("a checkpoint of another log", opened.compare("checkpoint", other)[:10], "\u2717 MISMATCH")
    forged = signed(records[:3], origin, SEED).decode()
    expect("a checkpoint by another key", "but no signature by" in opened.compare("checkpoint", forged), True)
    expect("a text that is no checkpoint", opened.compare("checkpoint", "hello")[:1], "?")
    return opened


def tampered(browser: Browser, good_page: str) -> None:
    def changed(name: str) -> Page:
        pages.append(name)
        return Page(good_page)

    def opened(page: Page) -> Opened:
        return Opened(browser, page.write(f"tampered-{len(pages)}.html"))

    pages: list[str] = []
    records = Page(good_page).records
    last = len(records) - 1
    sent = next(i for i, r in enumerate(records) if r.type == messages.CONTRIBUTION)
    starts = [len(FILE_MAGIC)]
    for record in records:
        starts.append(starts[-1] + len(framed(record)))

    # A byte of a record, as storage or a careless forger changes it.
    for index, offset, also in [
        (0, 4 + 52, {"session": "fails", "parties": "fails"}),
        (sent, 4 + 52 + 10, {"story": "fails"}),
        (last, 4 + 52 + 12, {}),
    ]:
        page = changed(f"byte of record {index}")
        page.log = flip(page.log, starts[index] + offset)
        result = opened(page)
        tree = "unchecked" if index == 0 else "fails"
        result.expect(pages[-1], log="fails", tree=tree, statement="fails", **also)
        expect(pages[-1] + ": the record is named", result.words["log"].startswith(f"record {index}: "), True)
    page = changed("frame check of the last record")
    page.log = flip(page.log, len(page.log) - 1)
    opened(page).expect(pages[-1], log="fails", tree="fails", statement="fails")
    page = changed("record changed, its own check with it")
    altered = replace(records[sent], body=flip(records[sent].body, 199))
    page.log = log_of(records[:sent] + [altered] + records[sent + 1 :])
    result = opened(page)
    result.expect(pages[-1], log="fails", tree="fails", statement="fails")
    words = f"record {sent + 1}: the hash of the record before is another (check 5)"
    expect(pages[-1] + ": words", result.words["log"], words)
    page = changed("sequence number")
    page.log = flip(page.log, starts[1] + 4 + 15)
    result = opened(page)
    expect(pages[-1], result.words["log"], "record 1: the sequence number is not the position (check 4)")

    # The digest of a model, with the chain made anew: nobody but the aggregator can sign that tree.
    page = changed("model digest, chained anew")
    bodies = [(r.type, r.body) for r in records]
    at = next(i for i, r in enumerate(records) if r.type == messages.ROUND_RESULT)
    bodies[at] = (bodies[at][0], flip(bodies[at][1], len(bodies[at][1]) - 1))
    page.log = log_of(chained(bodies))
    opened(page).expect(pages[-1], tree="fails", statement="fails")
    page = changed("model digest, as it stands")
    page.log = flip(page.log, starts[at + 1] - 9)
    result = opened(page)
    expect(pages[-1], (result.outcomes["log"], result.words["log"][:10]), ("fails", f"record {at}: "[:10]))

    page = changed("last record cut")
    page.log = page.log[: starts[last]]
    page.say(log={"bytes": starts[last], "unreadable": ""})
    opened(page).expect(pages[-1], tree="fails", statement="fails")
    page = changed("last record cut, size left")
    page.log = page.log[: starts[last]]
    opened(page).expect(pages[-1], tree="unchecked")
    page = changed("end torn")
    page.log = page.log[:-3]
    page.say(log={"bytes": len(page.log), "unreadable": ""})
    opened(page).expect(pages[-1], log="fails", tree="fails", statement="fails")
    page = changed("record swapped for its neighbour")
    page.log = log_of(records[:sent] + [records[sent + 1], records[sent]] + records[sent + 2 :])
    expect(pages[-1], opened(page).outcomes["log"], "fails")

    origin = records[0].body[139:].decode()
    text, signatures = Page(good_page).checkpoint.split(b"\n\n")
    smaller = text.replace(b"\n%d\n" % (last + 1), b"\n%d\n" % last)
    for name, note_bytes, words in [
        ("size", smaller + b"\n\n" + signatures, "does not verify"),
        ("root", text[:-10] + b"AAAAAAAAA=\n\n" + signatures, "does not verify"),
        ("signature", text + b"\n\n" + signatures[:-12] + b"AAAAAAAAA" + signatures[-3:], "does not verify"),
        ("signer", signed(records, origin, SEED), "no signature by the aggregator's key"),
        ("form", text + b"\n\nsignature\n", "a signature line of the checkpoint is not one"),
        ("nothing", b"", "not a signed note"),
    ]:
        page = changed("checkpoint: " + name)
        page.checkpoint = note_bytes
        result = opened(page)
        tree = {"size": "fails", "root": "fails", "form": "unchecked", "nothing": "unchecked"}.get(name)
        result.expect(pages[-1], signature="fails", **({} if tree is None else {"tree": tree}))
        expect(pages[-1] + ": words", words in result.words["signature"], True)

    # All of it signed anew with another key: another session, for which no client has enrolled.
    page = changed("another key")
    first = records[0].body
    bodies = [(1, first[:103] + KEY + first[135:])] + [(r.type, r.body) for r in records[1:]]
    forged = chained(bodies)
    page.log, page.checkpoint = log_of(forged), signed(forged, origin, SEED)
    result = opened(page)
    result.expect(pages[-1], parties="fails", statement="fails")
    expect(pages[-1] + ": noticed", result.compare("session", records[0].hash().hex())[:10], "\u2717 MISMATCH")
    page.say(session=forged[0].hash().hex(), aggregator=KEY.hex(), **named(forged))
    result = opened(page)
    result.expect(pages[-1] + ", statement too", parties="fails")
    said = result.compare("aggregator", first[103:135].hex())
    expect(pages[-1] + ", statement too: noticed", said[:10], "\u2717 MISMATCH")

    for figure, value, words in [
        ("records", 99, "number of records"),
        ("root", "00" * 32, "root of the log"),
        ("head", "00" * 32, "head of the log"),
        ("contributions", 99, "contributions"),
        ("models", ["00" * 32], "models"),
        ("origin", "elsewhere", "origin"),
        ("refusals", 0, "refusals"),
        ("ended", False, "end of the session"),
        ("enrolments", 4, "enrolments"),
        ("spent_epsilon_millionths", 1, "spent privacy"),
    ]:
        page = changed("statement: " + figure)
        page.say(**{figure: value})
        result = opened(page)
        result.expect(pages[-1], statement="fails")
        expect(pages[-1] + ": words", result.words["statement"], "they differ in: " + words)

    page = changed("ceremony")
    page.bodies = [flip(page.bodies[0], 40)]
    opened(page).expect(pages[-1], bodies="fails")
    page = changed("ceremony left out")
    page.bodies = []
    opened(page).expect(pages[-1], bodies="unchecked")

    page = changed("script")
    page.html = page.html.replace('"\\u2717 FAILS"', '"\\u2713 holds"', 1)
    browser.events.clear()
    browser.call("Page.navigate", url="file://" + page.write("script.html"))
    there = "document.readyState === 'complete' && location.pathname.endsWith('script.html')"
    for _ in range(500):
        if browser.evaluate(there):
            break
        time.sleep(0.02)
    said = browser.evaluate("document.querySelector('#browser .result').textContent")
    expect("a changed script does not run", said, "? nothing checked")
    refusals = [text for text in browser.complaints() if "Content Security Policy" in text]
    expect("its refusal is the policy's", bool(refusals), True)


class FullSession:
    """A record with all that can happen between rounds, and pages of it changed by who has every key."""

    def __init__(self, browser: Browser, page: str, seeds: str) -> None:
        self.browser, self.page = browser, page
        self.seeds = json.loads(read(seeds))
        self.records = Page(page).records
        self.session = self.records[0].hash()
        self.clients = [bytes.fromhex(seed) for seed in self.seeds["clients"]]
        self.count = 0

    def find(self, kind: int, number: int = 0) -> int:
        return [i for i, record in enumerate(self.records) if record.type == kind][number]

    def client(self, number: int) -> bytes:
        return sodium.key_pair(self.clients[number])[0]

    def bodies(self) -> Entries:
        return [(record.type, record.body) for record in self.records]

    def patched(self, index: int, at: int, data: bytes) -> Entries:
        """Some bytes of one record changed."""
        entries = self.bodies()
        kind, body = entries[index]
        entries[index] = (kind, body[:at] + data + body[at + len(data) :])
        return entries

    def put(self, index: int, *made: tuple[int, bytes], instead: bool = True) -> Entries:
        entries = self.bodies()
        entries[index : index + 1 if instead else index] = made
        return entries

    def approvals(self, entries: Entries, trustees: tuple[int, ...] = (1, 3)) -> Entries:
        """The trustees approve the change of the key again, after other records."""
        index = next(i for i, entry in enumerate(entries) if entry[0] == KEY_ROTATED)
        message = self.session + chained(entries[:index])[-1].hash() + entries[index][1][:32]
        made = entries[index][1][:64] + u32(len(trustees))
        for trustee in trustees:
            seed = bytes.fromhex(self.seeds["trustees"][min(trustee, 3) - 1])
            made += trustee.to_bytes(2, "big") + signed_by(seed, "veilsum/aggregation/v1/rotation", message)
        return entries[:index] + [(KEY_ROTATED, made)] + entries[index + 1 :]

    def opened(
        self, entries: Entries, bodies: list[bytes] | None = None, approve: bool = True, **said: Any
    ) -> Opened:
        """The page of a record with these entries, by the aggregator; by default the trustees still approve."""
        self.count += 1
        page = Page(self.page)
        if approve and entries != self.bodies():
            entries = self.approvals(entries)
        records = chained(entries)
        page.log = log_of(records)
        page.checkpoint = signed(records, "full.example/log", bytes.fromhex(self.seeds["aggregator"]))
        size = len(page.log)
        page.say(log={"bytes": size, "unreadable": ""}, **named(records), **said)
        if bodies is not None:
            page.bodies = bodies
        return Opened(self.browser, page.write(f"full-{self.count}.html"))

    def refused(self, what: str, check: str, record: int | None, words: str, opened: Opened) -> None:
        """This check fails, with these words; what follows from it may fail as well."""
        expect(what, opened.outcomes[check], "fails")
        place = "" if record is None else f"record {record}: "
        expect(what + ": words", opened.words[check][: len(place + words)], place + words)
        for sound in ("tools", "log", "session", "signature", "tree"):
            expect(what + f": {sound}", opened.outcomes[sound], "holds")
        if record is not None:
            expect(what + ": the timeline marks it", f"\u2717 record {record}: " in opened.events, True)


def full_session(browser: Browser) -> None:
    folder, page = os.path.join(FOLDER, "full"), os.path.join(FOLDER, "full.html")
    code, printed = program("full_session", folder)
    expect("full session", (code, printed), (0, ""))
    code, printed = program("audit", os.path.join(folder, "record"), "--html", page)
    expect("full session: audit", (code, printed if code else ""), (0, ""))
    if failures:
        return
    full = FullSession(browser, page, os.path.join(folder, "seeds.json"))
    shown = Opened(browser, page)
    shown.expect("full session")
    expect("full session has nothing to complain of", browser.complaints(), [])
    browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    browser.evaluate("new Promise(resume => setTimeout(resume, 200))")
    events = shown.text("#events")
    spent = [int.from_bytes(page_entry[-8:], "big") for page_entry in ledger_entries(Page(page).bodies[-1])]
    for what, part in [
        ("who enrolled", "5 enrolled, 1 changed their weight. The pool has 5 clients."),
        ("another weight", f"{full.client(4).hex()}changed its weight from 2 to 1"),
        ("who came, left, was removed", "1 enrolled, 1 left, 1 removed by the aggregator. The pool has 4 clients."),
        ("who left", f"client {full.client(0).hex()} left"),
        ("who was removed", f"client {full.client(1).hex()} removed by the aggregator"),
        ("who returned", f"client {full.client(1).hex()} returned with weight 1"),
        ("the whole pool", "Whole pool: 5 clients."),
        ("a draw", "Cohort drawn: 2 of 3 clients who could take part, by the opening of round 1."),
        ("who approved", "Approved by trustees 1, 3 (of 3, quorum 2). Rounds from here on use another key."),
        ("why a round was given up", "given up: fewer than a quorum of the trustees answered"),
        ("that it counts as opened", "1 answer on the record, so these clients count as opened"),
        ("the round below", "below the minimum cohort of 2: not opened"),
        ("the second model", "model 1: "),
        ("spent privacy", f"epsilon {spent[0] / 1e6:.6f}".rstrip("0") + " of 400 spent"),
        ("all of it", f"epsilon {spent[3] / 1e6:.6f}".rstrip("0") + " of 400 spent"),
        ("delta", "delta 0.001; neighbours: one client's update becomes zero"),
        ("the key of a later round", f", since record {full.find(KEY_ROTATED)}"),
    ]:
        expect(f"full session: the timeline shows {what}", part in events, True)

    full_session_changed(full, page, spent)


def full_session_changed(full: FullSession, page: str, spent: list[int]) -> None:
    """Each kind of record between rounds, changed: which check says so, and in which words."""
    session, clients = full.session, full.clients
    opened, late = full.find(messages.ROUND_OPENED), full.find(ENROLMENT, 6)
    drawn, rotated = full.find(messages.ROUND_OPENED, 1), full.find(KEY_ROTATED)
    second, abandoned = full.find(messages.ROUND_OPENED, 2), full.find(ROUND_ABANDONED)
    removed, result = full.find(REMOVAL), full.find(messages.ROUND_RESULT)
    full.opened(full.bodies()).expect("the record as it was made")
    expect("approved once more", full.opened(full.approvals(full.bodies())).outcomes["parties"], "holds")

    def story(what: str, record: int, words: str, entries: Entries) -> Opened:
        shown = full.opened(entries)
        full.refused(what, "story", record, words, shown)
        return shown

    # Enrolments. Record 5 is client 4's first, with a weight that it changes in record 6.
    def enrol(number: int, weight: int, serial: int) -> tuple[int, bytes]:
        return ENROLMENT, enrolment(session, clients[number], weight, serial)

    bad = "a signature does not verify"
    changed = full.opened(full.patched(5, 32, u32(3)))
    full.refused("a weight that was not signed", "parties", 5, bad, changed)
    expect("a weight that was not signed: the rest", changed.outcomes["story"], "holds")
    forged = full.opened(full.put(5, (ENROLMENT, enrolment(bytes(32), clients[4], 2, 0))))
    full.refused("an enrolment to another session", "parties", 5, bad, forged)
    story("a serial again", 6, "the serial of the enrolment is not 1", full.put(6, enrol(4, 1, 0)))
    story("a serial left out", 6, "the serial of the enrolment is not 1", full.put(6, enrol(4, 1, 2)))
    there = "a client leaves that is not in the pool"
    story("leaving twice", removed, there, full.put(removed, enrol(0, 0, 2)))
    taken = "a client is removed that is not in the pool"
    story("removing who has left", removed, taken, full.put(removed, (REMOVAL, full.client(0))))
    story("removing a stranger", removed, taken, full.put(removed, (REMOVAL, KEY)))
    for kind, made in [("enrolment", enrol(5, 1, 0)), ("removal", (REMOVAL, full.client(2)))]:
        inside = full.put(opened + 1, made, instead=False)
        story(f"{kind} within a round", opened + 1, "it is out of turn", inside)
    rotation = full.bodies()[rotated]
    inside = full.put(opened + 1, rotation, instead=False)
    inside.pop(rotated + 1)
    story("change of the key within a round", opened + 1, "it is out of turn", inside)

    # Rosters and draws.
    pool = "its roster is not the pool"
    story("everybody, though they were drawn", drawn, pool, full.patched(drawn, DRAWN, u32(0)))
    story("a pool that is not all", opened, pool, full.put(6, enrol(5, 1, 0)))
    members = sorted(full.client(i) for i in (2, 5))  # 5 enrolled after round 1
    roster = hashlib.sha256(u32(2) + b"".join(client + u32(1) for client in members)).digest()
    cohort = "its cohort is not the one that is drawn from the record"
    story("a cohort that was chosen", drawn, cohort, full.patched(drawn, ROSTER, roster))
    story("more drawn", drawn, cohort, full.patched(drawn, DRAWN, u32(3)))
    few = "its cohort is drawn from 3 clients, fewer than it has"
    story("more drawn than there are", drawn, few, full.patched(drawn, DRAWN, u32(4)))
    first = "its cohort is drawn, and there is no result to draw it from"
    story("a draw before any result", opened, first, full.patched(opened, DRAWN, u32(2)))
    at = len(full.records[result].body) - 96
    written = cohort_by(full, 2, full.records[result].body[at : at + 32], drawn)
    candidates = (number.to_bytes(32, "big") for number in range(1000))
    other = next(opening for opening in candidates if cohort_by(full, 2, opening, drawn) != written)
    story("another opening draws others", drawn, cohort, full.patched(result, at, other))
    early = full.bodies()
    early.insert(opened, early.pop(late))
    story("an enrolment that was moved before the round", opened + 1, pool, early)

    # Round numbers, keys and models.
    story("a round number left out", second, "the round's number is not 3", full.patched(second, ROUND, u64(4)))
    key = "its key is not the session's"
    old = full.records[opened].body[KEY_ID : KEY_ID + 32]
    story("the old key", second, key, full.patched(second, KEY_ID, old))
    turn = "its model number comes before its turn"
    story("a model number too early", second, turn, full.patched(second, NUMBER, u32(2)))
    chain = "its model is not the one that its number had reached"
    story("the model of another number", second, chain, full.patched(second, NUMBER, u32(0)))
    mixed = story("the wrong number for an old model", drawn, chain, full.patched(drawn, 8, bytes(32)))
    expect("the wrong number for an old model: statement", mixed.outcomes["statement"], "holds")

    # The change of the key.
    def rotate(*trustees: int) -> Entries:
        return full.approvals(full.bodies(), trustees)

    def wrongly(what: str, check: str, words: str, entries: Entries) -> None:
        full.refused(what, check, rotated, words, full.opened(entries, approve=False))

    quorum = "fewer than a quorum of the trustees approve the change of the key"
    wrongly("one trustee approves", "story", quorum, rotate(1))
    wrongly("nobody approves", "story", quorum, rotate())
    order = "the trustees that approve are not in rising order"
    wrongly("the trustees out of order", "story", order, rotate(3, 1))
    wrongly("one trustee twice", "story", order, rotate(1, 1))
    wrongly("trustee 4 of 3", "story", "a trustee approves that does not exist", rotate(1, 3, 4))
    good = full.records[rotated].body
    bent = flip(good, len(good) - 1)
    wrongly("a signature of a trustee", "parties", bad, full.put(rotated, (KEY_ROTATED, bent)))
    swapped = good[:70] + good[136:200] + good[134:136] + good[70:134]
    wrongly("signatures of each other", "parties", bad, full.put(rotated, (KEY_ROTATED, swapped)))
    moved = full.put(late, enrol(5, 2, 0))
    full.refused("approvals for another log", "parties", rotated, bad, full.opened(moved, approve=False))
    ceremony = full.opened(full.patched(rotated, 0, bytes(32)))
    full.refused("another ceremony", "bodies", None, "1 body in this page that no record names", ceremony)
    wrong = full.opened(full.patched(rotated, 32, full.records[0].body[71:103]))
    full.refused("the new ceremony under the old key", "bodies", None, "a ceremony is for another key", wrong)

    # A round that is given up.
    why = "the round is given up for another reason than its answers show"
    given_up = story("given up for another reason", abandoned, why, full.patched(abandoned, 8, b"\2"))
    words = "given up: what a quorum opened does not open the contributions"
    expect("given up for another reason: shown", words in given_up.events, True)
    unknown = "it cannot be read: the round is given up for no known reason"
    story("given up for no reason", abandoned, unknown, full.patched(abandoned, 8, b"\3"))
    story("another round given up", abandoned, "it names another round", full.patched(abandoned, 0, u64(1)))
    closed = full.find(messages.ROUND_CLOSED, 1)
    unclosed = full.put(closed, (ROUND_ABANDONED, full.records[abandoned].body))
    story("given up before it was closed", closed, "it is out of turn", unclosed)

    # The privacy ledger: head of 12 and 53 bytes, entries of 67; one in the page, of which all are beginnings.
    budget = "the session has a privacy budget from its first round on or not at all"
    story("a round that is not booked", drawn, budget, full.patched(drawn, LEDGER, bytes(32)))
    beginning = "its privacy ledger is not the beginning of the later one"
    story("another ledger", drawn, beginning, full.patched(drawn, LEDGER, bytes(31) + b"\1"))
    bodies = Page(page).bodies
    ledger = bodies[-1]
    expect("the ledger has four entries", len(ledger_entries(ledger)), 4)

    def booked(at: int, data: bytes) -> Opened:
        """The ledger says something else, and every round names what it says."""
        made = ledger[:at] + data + ledger[at + len(data) :]
        entries = full.bodies()
        for count in range(1, 5):
            index = full.find(messages.ROUND_OPENED, count - 1)
            cut = made[: 65 + 67 * count]
            cut = cut[:8] + u32(len(cut) - 12) + cut[12:61] + u32(count) + cut[65:]
            body = entries[index][1]
            entries[index] = (messages.ROUND_OPENED, body[:LEDGER] + hashlib.sha256(cut).digest())
        return full.opened(entries, bodies[:-1] + [made])

    same = booked(0, b"V")
    same.expect("the ledgers are made as they are")
    at = 65 + 67  # the entry of round 2
    for what, where, data, words in [
        ("scope", 12, bytes(32), "its privacy ledger is another session's"),
        ("round", at, u64(3), "its privacy ledger names another round"),
        ("clients", at + 25, u32(3), "its privacy ledger is for another number of clients"),
        ("dimension", at + 37, u32(9), "its privacy ledger is for another number of values"),
        ("spent", at + 59, u64(400_000_001), "more than the privacy budget is spent"),
    ]:
        record = opened if what == "scope" else drawn
        full.refused(f"ledger: {what}", "story", record, words, booked(where, data))
    cohort = "its minimum cohort is below what the noise was planned for"
    story("a cohort below the plan", opened, cohort, full.patched(opened, 121, u32(1)))
    heavy = "a client of a round with a privacy budget has another weight than 1"
    weights = full.put(6, enrol(4, 3, 1))
    five = sorted((full.client(i), 3 if i == 4 else 1) for i in range(5))
    roster = hashlib.sha256(u32(5) + b"".join(client + u32(weight) for client, weight in five)).digest()
    body = weights[opened][1]
    weights[opened] = (messages.ROUND_OPENED, body[:ROSTER] + roster + body[ROSTER + 32 :])
    story("weights with a budget", opened, heavy, weights)
    spoilt = full.opened(full.bodies(), bodies[:-1] + [flip(ledger, 200)])
    stranger = "1 body in this page that no record names"
    full.refused("a ledger that was changed", "bodies", None, stranger, spoilt)
    expect("a ledger that was changed: story", spoilt.outcomes["story"], "unchecked")
    last = full.find(messages.ROUND_OPENED, 3)
    broken = full.patched(last, LEDGER, hashlib.sha256(ledger[:-1]).digest())
    unread = full.opened(broken, bodies[:-1] + [ledger[:-1]])
    full.refused("a ledger that is no ledger", "story", last, "a body that it names cannot be read", unread)
    left = full.opened(full.bodies(), bodies[:-1])
    left.expect("the ledger left out", bodies="unchecked", story="unchecked")
    expect("the ledger left out: words", left.words["bodies"], "1 body not in this page")
    left = full.opened(full.bodies(), [bodies[0], ledger])
    left.expect("the new ceremony left out", bodies="unchecked")
    left = full.opened(full.bodies(), bodies[1:])
    left.expect("the old ceremony left out", bodies="unchecked", parties="unchecked")

    for figure, value, words in [
        ("enrolments", 1, "enrolments"),
        ("removals", 2, "removals"),
        ("rotations", 0, "changes of the key"),
        ("rounds_opened", 3, "rounds with a result"),
        ("rounds_without_result", 1, "rounds without a result"),
        ("models", ["00" * 32], "models"),
        ("spent_epsilon_millionths", spent[3] + 1, "spent privacy"),
    ]:
        result_ = full.opened(full.bodies(), **{figure: value})
        result_.expect(f"full statement: {figure}", statement="fails")
        expect(f"full statement: {figure}: words", result_.words["statement"], "they differ in: " + words)


def cohort_by(full: FullSession, count: int, opening: bytes, opened: int) -> set[bytes]:
    """Of clients 2 to 4, those with the least tickets for the round that this record opens."""
    text = b"veilsum/aggregation/v1/draw" + full.session + opening + full.records[opened].body[:8]
    return set(sorted((full.client(i) for i in (2, 3, 4)), key=lambda c: hashlib.sha256(text + c).digest())[:count])


def ledger_entries(ledger: bytes) -> list[bytes]:
    return [ledger[at : at + 67] for at in range(65, len(ledger), 67)]


def refused_records(browser: Browser, record: str) -> None:
    def page_of(name: str, change: Any, status: int, *arguments: str) -> Opened:
        folder, page = os.path.join(FOLDER, name), os.path.join(FOLDER, name + ".html")
        shutil.copytree(record, folder)
        change(folder)
        code, printed = program("audit", folder, "--html", page, *arguments)
        expect(f"{name}: exit status", code, status)
        return Opened(browser, page)

    def spoil(folder: str, name: str, at: int) -> None:
        path = os.path.join(folder, name)
        write(path, flip(read(path), at))

    records = Page(os.path.join(FOLDER, "good.html")).records
    third = len(FILE_MAGIC) + sum(len(framed(r)) for r in records[:3]) + 4 + 60
    assert records[3].type == 10
    result = page_of("damaged", lambda folder: spoil(folder, "log", third), 1)
    expect("damaged: verdict", result.verdict, "\u2717 refused")
    expect("damaged: step", "1: log: framing and hash chain" in result.text("#verdict"), True)
    expect("damaged: log", result.words["log"], "record 3: the record does not fit its own check (check 6)")
    expect("damaged: statement", result.outcomes["statement"], "unchecked")
    where = "record 3: the record does not fit its own check"
    expect("damaged: the timeline says where", where in result.events, True)

    contribution = next(r for r in records if r.type == messages.CONTRIBUTION)
    name = "bodies/" + contribution.body[104:136].hex()
    result = page_of("body-changed", lambda folder: spoil(folder, name, 500), 1)
    result.expect("body changed", statement="unchecked")
    expect("body changed: verdict", result.verdict, "\u2717 refused")
    expect("body changed: step", "5: contributions" in result.text("#verdict"), True)
    where = f"record {contribution.sequence}: the auditor program refused here"
    expect("body changed: the record is marked", where in result.events, True)
    expect("body changed: the step is marked", result.steps()[4], "\u2717 REFUSED")

    result = page_of("no-log", lambda folder: os.remove(folder + "/log"), 1)
    expect("no log", result.outcomes, {**dict.fromkeys(CHECKS, "unchecked"), "tools": "holds"})
    expect("no log: said", "No record could be read" in result.text("#trouble"), True)
    result = page_of("no-checkpoint", lambda folder: os.remove(folder + "/checkpoint"), 1)
    result.expect("no checkpoint", signature="unchecked", tree="unchecked", statement="unchecked")
    result = page_of("no-folder", shutil.rmtree, 2)
    expect("no folder: verdict", (result.verdict, result.ended), ("? no verdict", "done"))
    result = page_of("light", lambda folder: None, 0, "--light")
    result.expect("light audit")
    expect("light audit: verdict", result.verdict, "\u2713 accepted, light audit")
    result = page_of("log", lambda folder: None, 0, "--log")
    result.expect("log audit")
    expect("log audit: verdict", result.verdict, "\u2713 accepted, log audit")


def hostile_strings(browser: Browser) -> None:
    """Markup, quotes and text that turns around, wherever a record or a note holds text."""
    evil = "</script><img/src=x/onerror=document.title='hit'>\u202e\"'&amp;"
    records = chained([session_opened(evil)])
    witness = f"\u2014 {evil} {base64.b64encode(bytes(76)).decode()}\n"
    checkpoint = signed(records, evil, SEED) + witness.encode()
    folder = folder_of("hostile", records, checkpoint)
    page = os.path.join(FOLDER, "hostile.html")
    program("audit", folder, "--html", page)
    result = Opened(browser, page)
    images = "document.querySelectorAll('img').length"
    expect("hostile: the page is whole", (result.ended, result.outcomes["tree"]), ("done", "holds"))
    expect("hostile: its signature", result.outcomes["signature"], "holds")
    expect("hostile: no element was made", browser.evaluate(images), 0)
    expect("hostile: shown as it is", evil.replace("\u202e", "\\u202e") in result.events, True)
    expect("hostile: nothing ran", browser.evaluate("document.title"), "Audit of an aggregation session")
    statement = Page(page)
    words = dict.fromkeys(("code", "what", "place", "culprit"), evil)
    statement.say(failure={"step": 3, "check": 1, "record": 0, **words}, sizes=[[evil, 0, 0, 0]])
    result = Opened(browser, statement.write("hostile-statement.html"))
    expect("hostile statement", (result.ended, browser.evaluate(images)), ("done", 0))
    code, _ = program("audit", os.path.join(FOLDER, evil), "--html", page)
    result = Opened(browser, page)
    expect("hostile folder", (code, result.ended, browser.evaluate(images)), (2, "done", 0))
    expect("hostile folder: its name is shown", "<img/src=x" in result.text("#verdict"), True)


def long_log(browser: Browser) -> None:
    """A log above the cap: 130 rounds of 1,000 clients, of which the page holds the first ones."""
    drawn = (hashlib.sha256(b"%d" % i).digest() for i in range(1000))
    seeds = {sodium.key_pair(seed)[0]: seed for seed in drawn}
    clients = sorted(seeds)
    rest = bytes(96) + bytes(64) + (100).to_bytes(8, "big")
    layout = b"".join(n.to_bytes(4, "big") for n in (2048, 16, 1000, 1, 10, 10, 2, 256, 1))
    opening = bytes(32) + b"\x0c" + bytes(8) + layout + bytes(32) + b"\0\1\0\1" + (2).to_bytes(4, "big")
    roster = (1000).to_bytes(4, "big") + b"".join(client + (1).to_bytes(4, "big") for client in clients)
    opening += hashlib.sha256(roster).digest() + (1).to_bytes(8, "big") + (200).to_bytes(8, "big")
    opening += bytes(32) + bytes(4) + bytes(4) + bytes(32)
    entries = [session_opened("long.example")]
    session = chained(entries)[0].hash()
    entries += [(ENROLMENT, enrolment(session, seeds[client], 1, 0)) for client in clients]
    for number in range(1, 131):
        round_ = number.to_bytes(8, "big")
        entries.append((2, round_ + opening))
        entries += [(3, round_ + client + rest) for client in clients]
        lists = (1000).to_bytes(4, "big") + b"".join(clients) + bytes(8)
        entries.append((5, round_ + (300).to_bytes(8, "big") + b"\1" + lists + bytes(32)))
        entries.append((8, round_ + bytes(4) + bytes(96)))
    records = chained(entries)
    folder = folder_of("long", records, signed(records, "long.example", SEED))
    page = os.path.join(FOLDER, "long.html")
    code, _ = program("audit", folder, "--html", page)
    expect("long: exit status", code, 1)
    held = len(Page(page).log)
    expect("long: within the cap", (held <= 32 << 20, held > (32 << 20) - (1 << 16)), (True, True))
    result = Opened(browser, page)
    result.expect("long", tree="unchecked", bodies="unchecked", statement="unchecked")
    expect("long: enrolments", result.words["parties"], "1,000 signatures")
    expect("long: said", "later ones are neither shown nor checked here" in result.text("#trouble"), True)
    expect("long: rounds are there", browser.evaluate("document.querySelectorAll('.round').length > 100"), True)
    expect("long: they are folded", browser.evaluate("document.querySelectorAll('td').length < 200"), True)


def without_webcrypto(browser: Browser, page: str) -> None:
    """A page that came over plain HTTP gets no WebCrypto: signatures are then not checked, never right."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    folder = functools.partial(Quiet, directory=os.path.dirname(page))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://plain.test:{server.server_port}/{os.path.basename(page)}"
    result = Opened(browser, url)
    result.expect("without WebCrypto", tools="unchecked", signature="unchecked", parties="unchecked")
    expect("without WebCrypto: said", "this browser offers no WebCrypto" in result.words["signature"], True)
    server.shutdown()
    server.server_close()


def main() -> int:
    session, page = os.path.join(FOLDER, "session"), os.path.join(FOLDER, "good.html")
    small = "--bits 2048 --clients 3 --trustees 3 --quorum 2 --rounds 1 --examples 60 --hidden 1 --epochs 1"
    code, printed = program("train", *small.split(), "--attack", "scaled", "--out", session)
    expect("train", (code, printed if code else ""), (0, ""))
    record = os.path.join(session, "record")
    code, printed = program("audit", record, "--html", page)
    expect("audit", (code, printed if code else ""), (0, ""))
    if failures:
        return 1
    assert CHROMIUM is not None
    with Browser(CHROMIUM) as browser:
        good(browser, page, record, printed)
        tampered(browser, page)
        full_session(browser)
        refused_records(browser, record)
        hostile_strings(browser)
        without_webcrypto(browser, page)
        long_log(browser)
    print("all as expected" if not failures else f"{len(failures)} not as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
