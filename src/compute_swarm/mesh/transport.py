"""Which network lies under HTTP: where a service listens, and whom a client may reach.

A transport knows addresses only; `Peer` speaks HTTP over it. `Loopback` is the transport of one
machine. The mesh and public ones fill the same seam.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from compute_swarm.errors import PeerUnreachable

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 30.0  # longest silence of a peer in the middle of an answer
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class ListenAddress:
    host: str
    port: int  # 0 lets the system choose


class Transport(Protocol):
    @property
    def name(self) -> str:
        """The word of the heartbeat's reachability: loopback, public or mesh."""

    def listen(self, port: int) -> ListenAddress:
        """Return where a service of this machine binds."""

    def url(self, port: int) -> str:
        """Return how peers name the service that was bound to this port."""

    def origins(self, port: int) -> tuple[str, ...]:
        """Return all addresses of that service: signed requests name one of them."""

    def client(self, url: str) -> httpx.AsyncClient:
        """Return a client for one peer, or raise `PeerUnreachable` if the network excludes it."""


class Loopback:
    """Peers are processes of this machine; every other host is refused before a connection."""

    name = "loopback"
    host = "127.0.0.1"

    def listen(self, port: int) -> ListenAddress:
        return ListenAddress(self.host, port)

    def url(self, port: int) -> str:
        return f"http://{self.host}:{port}"

    def origins(self, port: int) -> tuple[str, ...]:
        return (self.url(port), f"http://localhost:{port}")

    def client(self, url: str) -> httpx.AsyncClient:
        parts = urlsplit(url)
        if parts.scheme != "http" or not _is_loopback(parts.hostname):
            raise PeerUnreachable(url, "not an http address of this machine")
        return httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS),
            headers={
                "Accept-Encoding": "identity"
            },  # an answer's size must be its size on the wire
            trust_env=False,  # a proxy of the environment must not see loopback traffic
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # spares loading the CA bundle
        )


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
