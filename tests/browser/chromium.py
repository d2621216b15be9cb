"""A headless Chromium, driven by its own protocol (DevTools)."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field
from websockets.sync.client import ClientConnection, connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WITHOUT = "needs Chromium: install the package `chromium`"
_PATIENCE = 60.0
"""Seconds after which a silent browser counts as broken."""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


@define
class Tab:
    """A page of a browser, with the events that it sent since it was opened."""

    socket: ClientConnection
    session: str = ""
    events: list[Mapping[str, Any]] = field(factory=list)
    _number: int = 0
    _called: int = 0
    """How many events had arrived before the last call."""

    def call(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Call a method of the protocol, and record the events that arrive meanwhile."""
        self._number, self._called = self._number + 1, len(self.events)
        request = {"id": self._number, "method": method, "params": params}
        session = {"sessionId": self.session} if self.session else {}
        self.socket.send(json.dumps({**request, **session}))
        while (message := self._receive()).get("id") != self._number:
            self.events.append(message)
        assert "error" not in message, message
        result: Mapping[str, Any] = message["result"]
        return result

    def _receive(self) -> Mapping[str, Any]:
        message: Mapping[str, Any] = json.loads(self.socket.recv(_PATIENCE))
        return message

    def wait(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Wait until an event with these parameters has arrived since the last call."""
        for at in itertools.count(self._called):
            if at == len(self.events):
                self.events.append(self._receive())
            result: Mapping[str, Any] = self.events[at].get("params", {})
            if (
                self.events[at].get("method") == method
                and params.items() <= result.items()
            ):
                return result
        raise AssertionError("unreachable: the loop has no end")

    def attach(self) -> None:
        """Open a page of its own, and receive all of its events."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")

    def show(self, page: Path, *, width: int = 1280, scheme: str = "light") -> None:
        """Open a page at this width and in this color scheme."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1}
        self.call("Emulation.setDeviceMetricsOverride", **size, mobile=width < 600)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        if not self.events_of("Page.loadEventFired"):
            self.wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return the result of a script in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def events_of(self, *methods: str) -> list[Mapping[str, Any]]:
        """Return the events of some kinds since the page was opened."""
        return [item for item in self.events if item.get("method") in methods]


@contextmanager
def started(folder: Path) -> Iterator[Tab]:
    """Start a browser with its profile in a folder, and stop it when the block ends."""
    command = [PROGRAM or "", *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  # found on the path
        try:
            with connect(_address(process), max_size=None) as socket:
                tab = Tab(socket)
                tab.attach()
                yield tab
                tab.session = ""
                with suppress(Exception):  # the browser may close the socket first
                    tab.call("Browser.close")
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        if result := re.search(r"ws://\S+", line):
            return result[0]
    raise RuntimeError("Chromium ended before it printed its address")
