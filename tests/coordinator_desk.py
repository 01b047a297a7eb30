"""A coordinator over real SQLite and loopback HTTP, and parties with keys to talk to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compute_swarm.chain.deployment import Deployment
from compute_swarm.chain.profiles import DEMO
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import (
    FRESH,
    Award,
    Bid,
    SignedBid,
    Submission,
    Sweep,
    bid_digest,
    sweep_id,
)
from compute_swarm.domain.ids import SweepId, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.typed_data import typed_bid, typed_result
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.coordinator.app import Desk, application
from compute_swarm.node.coordinator.board import Board
from compute_swarm.node.coordinator.directory import Directory
from compute_swarm.node.coordinator.gate import Gate, OpenGate
from compute_swarm.node.coordinator.store import SCHEMA, SCHEMA_VERSION, UPGRADES, Limits
from compute_swarm.node.coordinator.uploads import Uploads
from compute_swarm.node.coordinator.verdicts import Verdicts
from compute_swarm.node.database import Database
from compute_swarm.storage.blocks import DiskBlocks
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.unixfs import add_bytes
from examples import account, digest, spec

DEPLOYMENT = Deployment(
    chain_id=31337,
    market=account("market"),
    validators=account("validators"),
    court=account("court"),
    sessions=account("sessions"),
    oversight=account("oversight"),
    randomness=account("randomness"),
    deployer=account("deployer"),
    sender=account("sender"),
    edition="v1",
    block=0,
    source="",
    profile=DEMO,
)
PLACE = (DEPLOYMENT.chain_id, DEPLOYMENT.market)
DATASET = b'{"text": "once upon a time"}\n' * 50
DATASET_CID = add_bytes(DATASET, lambda cid, block: None).cid


def wallet(number: int) -> Wallet:
    return Wallet.from_key(number.to_bytes(32, "big"))


BUYER, SELLER, OTHER, JUDGE = (wallet(number) for number in (11, 12, 13, 14))


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Running:
    """A coordinator that is up."""

    url: str
    desk: Desk
    clock: Clock
    peers: list[Peer] = field(default_factory=list)

    def peer(self, who: Wallet | None = None) -> Peer:
        peer = Peer(self.url, Loopback(), who, self.clock)
        self.peers.append(peer)
        return peer

    async def register(self, who: Wallet, role: str = "seller", **changes: Any) -> Peer:
        """A peer with the session of a node."""
        told = {"role": role, "url": "http://127.0.0.1:9000", "class_id": "c", "capacity": {}}
        answer = await self.peer(who).post("/v1/nodes", told | changes)
        session = self.peer()
        session.token = answer["token"]
        return session

    async def announce(self, of: SweepSpec, buyer: Wallet = BUYER) -> SweepId:
        answer = await self.peer(buyer).post("/v1/sweeps", announcement(of, buyer))
        return SweepId(bytes.fromhex(answer["sweep_id"][2:]))


@asynccontextmanager
async def coordinator(
    folder: Path, clock: Clock, limits: Limits | None = None, gate: Gate | None = None
) -> AsyncIterator[Running]:
    limits = limits or Limits()
    database = Database.open(folder / "coordinator.sqlite", SCHEMA, SCHEMA_VERSION, UPGRADES)
    blocks = DiskBlocks(folder, garbage_seconds=-1)
    desk = Desk(
        directory=Directory(database, limits, clock),
        board=Board(database, DEPLOYMENT, limits, clock),
        verdicts=Verdicts(database, DEPLOYMENT, limits, clock),
        uploads=Uploads(database, blocks, limits, clock),
        blocks=blocks,
        gate=gate or OpenGate(),
        clock=clock,
    )
    async with serving(application(desk), Loopback()) as url:
        running = Running(url, desk, clock)
        yield running
        for peer in running.peers:
            await peer.aclose()
    blocks.close()
    database.close()


def a_spec(**changes: Any) -> SweepSpec:
    return spec(**({"dataset__cid": str(DATASET_CID)} | changes))


def sweep_of(of: SweepSpec, buyer: Wallet = BUYER) -> Sweep:
    return Sweep(buyer.address, of.hash, of.terms)


def id_of(of: SweepSpec, buyer: Wallet = BUYER) -> SweepId:
    return sweep_id(*PLACE, sweep_of(of, buyer))


def announcement(of: SweepSpec, buyer: Wallet = BUYER) -> dict[str, Any]:
    return {"spec": of.document(), "sweep": wire.encode(sweep_of(of, buyer))}


def signed_bid(id_: SweepId, seller: Wallet = SELLER, nonce: int = 0, by: Wallet | None = None):
    bid = Bid(
        sweep_id=id_,
        seller=seller.address,
        trials=pack_trials([TrialKey(0, 0), TrialKey(1, 0)]),
        first=0,
        segments=32,
        price=Amount(100),
        start=FRESH,
        deadline=2_000_000_000,
        expiry=1_900_000_000,
        nonce=nonce,
    )
    return SignedBid(bid, (by or seller).sign_typed(typed_bid(*PLACE, bid)))


def submission(signed: SignedBid, done: int = 64, by: Wallet = SELLER) -> Submission:
    award = Award.of(bid_digest(*PLACE, signed.bid), signed.bid)
    root = digest(f"root {done}")
    return Submission(award, root, done, by.sign_typed(typed_result(*PLACE, award.id, root, done)))


def result(signed: SignedBid, of: Submission) -> dict[str, Any]:
    return {"bid": wire.encode(signed), "submission": wire.encode(of)}


def path(id_: bytes, rest: str = "", kind: str = "sweeps") -> str:
    return f"/v1/{kind}/{hex32(id_)}{rest}"


def raw(data: bytes) -> Cid:
    return add_bytes(data, lambda cid, block: None).cid
