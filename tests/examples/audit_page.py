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
CHECKS = ["tools", "log", "session", "signature", "tree", "bodies", "story", "statement"]
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


def chained(bodies: list[tuple[int, bytes]]) -> list[Record]:
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


SEED = hashlib.sha256(b"a key of this test").digest()
KEY = sodium.key_pair(SEED)[0]


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
            expect(what + ": result", self.result, f"\u2717 {failed} of 8 checks FAIL")
        elif not_holding:
            open_ = len(not_holding)
            expect(what + ": result", self.result, f"? {8 - open_} of 8 checks hold, {open_} not checked")
        else:
            expect(what + ": result", self.result, "\u2713 all 8 checks hold")

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
    for what, part in [
        ("the refused client", refused.body[8:40].hex()),
        ("the reason in words", "the validity proof's equations of scalars do not hold (108)"),
        ("the trustees that opened", "opened by trustees 1, 2"),
        ("trustees and quorum", "3 trustees, of whom any 2 open a sum"),
        ("the counts", "2 contributed, 1 refused, 0 silent"),
        ("the files", "model.bin"),
    ]:
        expect(f"the timeline shows {what}", part in opened.events, True)
    browser.evaluate("document.getElementById('unfold').click()")
    # `toggle` comes later, but the button fills the rounds itself.
    for what, part in [
        ("the model before", records[1].body[8:40].hex()),
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
    starts = [len(FILE_MAGIC)]
    for record in records:
        starts.append(starts[-1] + len(framed(record)))

    # A byte of a record, as storage or a careless forger changes it.
    for index, offset, also in [
        (0, 4 + 52, {"session": "fails", "statement": "fails"}),
        (2, 4 + 52 + 10, {"story": "fails"}),
        (last, 4 + 52 + 12, {}),
    ]:
        page = changed(f"byte of record {index}")
        page.log = flip(page.log, starts[index] + offset)
        result = opened(page)
        result.expect(pages[-1], log="fails", tree="unchecked" if index == 0 else "fails", **also)
        expect(pages[-1] + ": the record is named", result.words["log"].startswith(f"record {index}: "), True)
    page = changed("frame check of the last record")
    page.log = flip(page.log, len(page.log) - 1)
    opened(page).expect(pages[-1], log="fails", tree="fails")
    page = changed("record changed, its own check with it")
    altered = replace(records[2], body=flip(records[2].body, 199))
    page.log = log_of(records[:2] + [altered] + records[3:])
    result = opened(page)
    result.expect(pages[-1], log="fails", tree="fails")
    words = "record 3: the hash of the record before is another (check 5)"
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
    page.log = log_of(records[:2] + [records[3], records[2]] + records[4:])
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

    # All of it signed anew with another key: a sound record, but not the one that the statement is about.
    page = changed("another key")
    first = records[0].body
    bodies = [(1, first[:103] + KEY + first[135:])] + [(r.type, r.body) for r in records[1:]]
    forged = chained(bodies)
    page.log, page.checkpoint = log_of(forged), signed(forged, origin, SEED)
    result = opened(page)
    result.expect(pages[-1], statement="fails")
    expect(pages[-1] + ": noticed", result.compare("session", records[0].hash().hex())[:10], "\u2717 MISMATCH")
    page.say(session=forged[0].hash().hex(), aggregator=KEY.hex())
    result = opened(page)
    result.expect(pages[-1] + ", statement too")
    said = result.compare("aggregator", first[103:135].hex())
    expect(pages[-1] + ", statement too: noticed", said[:10], "\u2717 MISMATCH")

    for figure, value, words in [
        ("contributions", 99, "contributions"),
        ("model", "00" * 32, "model"),
        ("origin", "elsewhere", "origin"),
        ("refusals", 0, "refusals"),
        ("ended", False, "end of the session"),
    ]:
        page = changed("statement: " + figure)
        page.say(**{figure: value})
        result = opened(page)
        result.expect(pages[-1], statement="fails")
        expect(pages[-1] + ": words", result.words["statement"], "they differ in: " + words)

    page = changed("ceremony")
    first_body, rest = page.block("bodies").split("\n", 1)
    spoilt = flip(base64.b64decode(first_body), 40)
    page.replace("bodies", base64.b64encode(spoilt).decode() + "\n" + rest)
    opened(page).expect(pages[-1], bodies="fails")
    page = changed("roster left out")
    page.replace("bodies", page.block("bodies").split("\n", 1)[0])
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
    clients = [hashlib.sha256(b"%d" % i).digest() for i in range(1000)]
    rest = bytes(96) + bytes(64) + (100).to_bytes(8, "big")
    layout = b"".join(n.to_bytes(4, "big") for n in (2048, 16, 1000, 1, 10, 10, 2, 256, 1))
    opening = bytes(32) + b"\x0c" + bytes(8) + layout + bytes(32) + b"\0\1\0\1" + (2).to_bytes(4, "big")
    opening += bytes(32) + (1).to_bytes(8, "big") + (200).to_bytes(8, "big")
    entries = [session_opened("long.example")]
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
    result.expect("without WebCrypto", tools="unchecked", signature="unchecked")
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
