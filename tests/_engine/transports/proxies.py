"""Proxies on loopback: one that tunnels, one that refuses, and a SOCKS proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests._engine.transports.servers import Peer, Plan


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()


async def _tunnel(peer: Peer, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_copy(peer.reader, writer), _copy(reader, peer.writer))


def tunnels_to(port: int) -> Plan:
    """Return a proxy that opens each tunnel to one port, whatever host is requested."""

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _tunnel(peer, port)

    return plan


def refuses(status: bytes) -> Plan:
    """Return a proxy that opens no tunnel."""

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 %b\r\ncontent-length: 0\r\n\r\n" % status)

    return plan


def speaks_socks_to(port: int) -> Callable[[Peer], Awaitable[None]]:
    """Return a SOCKS 5 proxy without passwords that leads to one port (RFC 1928)."""

    async def plan(peer: Peer) -> None:
        _, count = await peer.reader.readexactly(2)
        await peer.reader.readexactly(count)
        await peer.send(b"\x05\x00")
        head = await peer.reader.readexactly(5)
        host = await peer.reader.readexactly(head[4])
        await peer.reader.readexactly(2)
        peer.requests.append(host)
        await peer.send(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await _tunnel(peer, port)

    return plan
