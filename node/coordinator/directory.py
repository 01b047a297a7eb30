"""Which nodes there are, where they answer, and which of them are alive.

A party that can't be reached is judged as one that shows nothing, so whoever has something at stake
keeps its place: only one without a stake makes room for a newcomer, or one long silent.

A node signs once to register and gets a session token; its heartbeats carry the token, since a
signature each second would cost both sides for nothing.
"""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from compute_swarm.domain.ids import Address, address
from compute_swarm.domain.jsontext import write_json
from compute_swarm.domain.status import NodeStatus, Pause, Reachability
from compute_swarm.errors import AuthMalformed, DocumentInvalid, LimitReached, NotAllowed
from compute_swarm.node.coordinator.store import Limits
from compute_swarm.node.database import Database

HEARTBEAT_SECONDS: Final = 1.0
OFFLINE_SECONDS: Final = 2.4  # without a heartbeat
KEPT_SECONDS: Final = 14 * 24 * 3600.0  # without one, by when all that it did is judged
URL_LENGTH: Final = 200
CAPACITY_LENGTH: Final = 2_000


class Role(StrEnum):
    SELLER = "seller"  # trains
    VALIDATOR = "validator"  # judges


@dataclass(frozen=True, slots=True)
class Registration:
    """What a node says of itself; a session lasts until the address registers again."""

    role: Role
    url: str
    class_id: str
    capacity: Mapping[str, Any]

    def check(self) -> None:
        """Refuse what no node would say of itself."""
        if not _is_service_url(self.url):
            raise DocumentInvalid("url", "an http or https address without path or user")
        if len(self.class_id) > 80:
            raise DocumentInvalid("class_id", "at most 80 characters")
        try:
            length = len(write_json(dict(self.capacity)))
        except ValueError:
            raise DocumentInvalid("capacity", "finite numbers") from None
        if length > CAPACITY_LENGTH:
            raise DocumentInvalid("capacity", f"at most {CAPACITY_LENGTH} characters of JSON")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    status: NodeStatus
    reachability: Reachability
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class Node:
    address: Address
    registration: Registration
    heartbeat: Heartbeat
    online: bool

    def document(self) -> dict[str, Any]:
        told, pulse = self.registration, self.heartbeat
        return {
            "address": self.address,
            "role": told.role.value,
            "url": told.url,
            "class_id": told.class_id,
            "capacity": dict(told.capacity),
            "status": pulse.status.value,
            "pause": None if pulse.pause is None else pulse.pause.value,
            "reachability": pulse.reachability.value,
            "online": self.online,
        }


_UNHEARD: Final = Heartbeat(NodeStatus.STOPPED, Reachability.UNKNOWN)


class Directory:
    def __init__(
        self, database: Database, limits: Limits, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock
        self._pulses: dict[Address, tuple[float, Heartbeat]] = {}
        self._since = clock()  # whoever was heard before is told by no file

    def has_room(self) -> bool:
        """Return whether a newcomer can be taken up, once those long silent are forgotten."""
        if self._is_full():
            before = self._clock() - KEPT_SECONDS
            for row in self._database.all("SELECT address FROM nodes WHERE at < ?", before):
                heard, _ = self._pulses.get(address(row["address"]), (self._since, _UNHEARD))
                if heard < before:
                    self.forget(address(row["address"]))
        return not self._is_full()

    def register(self, who: Address, registration: Registration) -> str:
        """Take the node up, or again with what is new about it; returns its session token."""
        registration.check()
        other = self._database.one("SELECT role FROM nodes WHERE address = ?", who)
        if other is None:
            self._refuse_full()
        elif other["role"] != registration.role:
            raise NotAllowed(who, f"be a {registration.role}: it is a {other['role']} already")
        token = secrets.token_urlsafe(32)
        self._database.write(
            "INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(who, registration.role, registration.url.rstrip("/"), registration.class_id),
            *(write_json(dict(registration.capacity)), _digest(token), self._clock()),
        )
        self._pulses.pop(who, None)
        return token

    def forget(self, who: Address) -> None:
        self._database.write("DELETE FROM nodes WHERE address = ?", who)
        self._pulses.pop(who, None)

    def beat(self, token: str, heartbeat: Heartbeat) -> Address:
        """Note that the session's node is alive."""
        row = self._database.one("SELECT address FROM nodes WHERE token = ?", _digest(token))
        if row is None:
            raise AuthMalformed
        who = address(row["address"])
        self._pulses[who] = (self._clock(), heartbeat)
        return who

    def nodes(self) -> list[Node]:
        """Return all nodes, those offline too, by address."""
        return [self._node(row) for row in self._database.all("SELECT * FROM nodes ORDER BY 1")]

    def some(self, most: int) -> list[Node]:
        """Return nodes by chance, so that nobody knows a place which is never looked at."""
        rows = self._database.all("SELECT * FROM nodes ORDER BY random() LIMIT ?", most)
        return [self._node(row) for row in rows]

    def node(self, who: Address) -> Node | None:
        row = self._database.one("SELECT * FROM nodes WHERE address = ?", who)
        return None if row is None else self._node(row)

    def _node(self, row: sqlite3.Row) -> Node:
        who = address(row["address"])
        told = Registration(
            Role(row["role"]), row["url"], row["class_id"], json.loads(row["capacity"])
        )
        _, heartbeat = self._pulses.get(who, (0.0, _UNHEARD))
        return Node(who, told, heartbeat, self._is_online(who))

    def _is_online(self, who: Address) -> bool:
        heard, _ = self._pulses.get(who, (float("-inf"), _UNHEARD))
        return self._clock() - heard < OFFLINE_SECONDS

    def _is_full(self) -> bool:
        return self._database.number("SELECT count(*) FROM nodes") >= self._limits.nodes

    def _refuse_full(self) -> None:
        if self._is_full():
            raise LimitReached("nodes", self._limits.nodes)


def _digest(token: str) -> bytes:
    # The file alone must not let anybody speak for a node.
    return hashlib.sha256(token.encode()).digest()


def _is_service_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        rest = (parts.path.strip("/"), parts.query, parts.fragment, parts.username)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return sound and parts.scheme in ("http", "https") and not any(rest) and len(url) <= URL_LENGTH
