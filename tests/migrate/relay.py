"""A network between workers and their database, which can be cut or stall for a while."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from attrs import define, field


@define(eq=False)
class Relay:
    """Passes TCP connections on to a port of loopback."""

    port_behind: int
    listener: socket.socket = field(
        factory=lambda: socket.create_server(("127.0.0.1", 0))
    )
    _flows: Event = field(factory=Event, init=False)
    _is_cut: bool = field(default=False, init=False)
    _sockets: set[socket.socket] = field(factory=set, init=False)
    _threads: list[Thread] = field(factory=list, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    @property
    def port(self) -> int:
        """The port on which the relay listens."""
        return int(self.listener.getsockname()[1])

    def start(self) -> None:
        self._flows.set()
        self._run(self._accept)

    def _run(self, function: Callable[..., None], *arguments: socket.socket) -> None:
        thread = Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                near, _ = self.listener.accept()
                if self._is_cut:
                    near.close()
                    continue
                with suppress(OSError):  # the server is down
                    self._connect(near)
                    continue
                near.close()

    def _connect(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self.port_behind), 5)
        far.settimeout(None)
        with self._lock:
            self._sockets |= {near, far}
        for pair in ((near, far), (far, near)):
            self._run(self._pump, *pair)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()  # the other direction closes the other socket

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Break all connections, and accept none in this context."""
        self._is_cut = True
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        try:
            yield
        finally:
            self._is_cut = False

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let no byte pass in this context, as where packets are lost."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    def close(self) -> None:
        with self.cut():
            self._flows.set()
            with suppress(OSError):
                self.listener.shutdown(
                    socket.SHUT_RDWR
                )  # wakes the thread that accepts
            for thread in self._threads:
                thread.join(5)
            self.listener.close()


@contextmanager
def relaying(port_behind: int) -> Iterator[Relay]:
    """Return a relay to a port, which ends with this context."""
    relay = Relay(port_behind)
    relay.start()
    try:
        yield relay
    finally:
        relay.close()
