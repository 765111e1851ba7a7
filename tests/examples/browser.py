"""A headless Chromium, driven over its pipe (Chrome DevTools Protocol); no packages needed."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Any


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


class BrowserError(Exception):
    pass


class Browser:
    """One process with one page. Messages are JSON, each ended by a zero byte, on its fds 3 and 4."""

    def __init__(self, program: str) -> None:
        self.profile = tempfile.mkdtemp(prefix="browser-")
        theirs_in, self.to_browser = os.pipe()
        self.from_browser, theirs_out = os.pipe()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        arguments += ["--no-first-run", "--disable-extensions", "--disable-background-networking"]
        arguments += ["--disable-component-update", "--host-resolver-rules=MAP plain.test 127.0.0.1"]
        arguments += ["--remote-debugging-pipe", f"--user-data-dir={self.profile}", "about:blank"]
        redirect = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(
            ["bash", "-c", redirect, "bash", program, *arguments],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.rest = b""
        self.number = 0
        self.session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.from_browser], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise BrowserError("the browser does not answer")
            data = os.read(self.from_browser, 1 << 20)
            if not data:
                raise BrowserError("the browser has ended")
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return dict(json.loads(message))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to_browser, data) :]
        while True:
            answer = self.read(60)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self.events.append(answer)

    def evaluate(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, url: str, seconds: float = 60) -> str:
        """Opens a page and waits for its check to end; returns how it ended."""
        self.events.clear()
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        until = time.monotonic() + seconds
        # The address is compared because the page before is still there for a moment.
        state = f"location.href === {json.dumps(url)} && document.documentElement?.dataset.checked || ''"
        while not (ended := self.evaluate(state)):
            if time.monotonic() > until:
                raise BrowserError(f"{url}: the check did not end")
            time.sleep(0.02)
        return str(ended)

    def requests(self) -> list[str]:
        """Addresses that were asked for since `open`."""
        self.evaluate("0")
        sent = [e["params"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [parameters["request"]["url"] for parameters in sent]

    def complaints(self) -> list[str]:
        """What the page's console says: errors, refusals by its policy."""
        self.evaluate("0")
        said = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [str(e["params"]) for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return said + thrown
