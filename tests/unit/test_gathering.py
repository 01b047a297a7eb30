"""What a validator takes from sellers that are honest, lie, or never finish to speak."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.bid import Commit, SignedBid, bid_digest
from compute_swarm.domain.ids import Address, CommitId, SweepId, hex32
from compute_swarm.errors import PeerUnreachable
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.chronicle import CommitEntry
from compute_swarm.node.gathering import Gathering
from compute_swarm.node.journal import Journal
from compute_swarm.node.rungs import Rungs
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.assertions import Claim
from coordinator_desk import DEPLOYMENT, JUDGE
from example_claim import CHAIN, MARKET, SELLER, SWEEP, digest, example_claim, posted_as_said
from examples import account

ITEMS = (Item(0, 0, ItemKind.AUDIT, 0, 0, 0), Item(1, 1, ItemKind.AUDIT, 0, 0, 0))


@dataclass
class Directory:
    """A board that knows sellers, or that can't be reached."""

    known: dict[Address, str]
    down: bool = False

    async def urls(self) -> dict[Address, str]:
        if self.down:
            raise PeerUnreachable("http://127.0.0.1:9", "refused")
        return self.known

    async def bids(self, _: SweepId) -> list[SignedBid]:
        return []

    async def aclose(self) -> None:
        pass


def desk(board: Directory, journal: Journal, settings: NodeSettings) -> Workplace:
    """A workplace with the parts that gathering papers needs."""
    contracts = SimpleNamespace(deployment=replace(DEPLOYMENT, chain_id=CHAIN, market=MARKET))
    lacks: dict[str, Any] = dict.fromkeys(("blocks", "library", "history", "draws", "seeds"))
    return Workplace(
        settings=settings,
        wallet=JUDGE,
        contracts=contracts,  # type: ignore[arg-type]
        journal=journal,
        board=board,  # type: ignore[arg-type]
        transport=Loopback(),
        **lacks,
    )


@dataclass
class Seller:
    """Serves the papers of two claims, after a pause."""

    claims: Sequence[Claim]
    slow: Claim | None = None

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/v1/awards/{id}/{what}", self.answer)])
        return app

    async def answer(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        claim = next(one for one in self.claims if hex32(one.posted.award.id) == id_)
        if claim is self.slow:
            await asyncio.sleep(5)
        if request.match_info["what"] == "bid":
            return web.json_response(wire.encode(SignedBid(claim.bid, bytes(65))))
        told = [receipt.to_document() for receipt in claim.receipts]
        return web.json_response({"receipts": told})


def two_claims() -> tuple[Claim, Claim]:
    first = example_claim()
    other = replace(first.bid, nonce=1)
    id_ = bid_digest(CHAIN, MARKET, other)
    posted = replace(first.posted, award=replace(first.posted.award, id=id_))
    receipts = tuple(replace(receipt, award_id=id_) for receipt in first.receipts)
    return first, posted_as_said(replace(first, bid=other, posted=posted, receipts=receipts))


@asynccontextmanager
async def gathering(
    folder: Path, seller: Seller, claims: Sequence[Claim], down: bool = False
) -> AsyncIterator[Gathering]:
    """Gather the two awards as the chain has them from what the seller serves."""
    journal = Journal(folder / "journal.sqlite")
    settings = NodeSettings(Role.VALIDATOR, folder, folder, "", "")
    commit = Commit(1, 1_000, SELLER, tuple(claim.posted for claim in claims))
    entry = CommitEntry(CommitId(digest("commit")), SWEEP, commit)
    async with serving(seller.application(), Loopback()) as url:
        workplace = desk(Directory({SELLER: url}, down), journal, settings)
        yield Gathering(workplace, entry, claims[0].spec, ITEMS, 1.0)
        await workplace.aclose()
    journal.close()


async def test_signed_receipts_are_taken_and_kept_for_the_buyer(tmp_path: Path) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims), claims) as work:
        files = await work.papers()
        assert {index: file.receipts for index, file in files.items()} == {
            0: claims[0].receipts,
            1: claims[1].receipts,
        }
        kept = work.workplace.journal.note(f"receipts/{claims[0].posted.award.id.hex()}")
        assert kept == [receipt.to_document() for receipt in claims[0].receipts]


async def test_receipts_of_another_root_did_not_come(tmp_path: Path) -> None:
    claims = two_claims()
    forged = replace(claims[0], receipts=claims[0].receipts[:1])
    async with gathering(tmp_path, Seller((forged, claims[1])), claims) as work:
        assert set(await work.papers()) == {1}


async def test_a_slow_seller_takes_nobody_elses_time(tmp_path: Path) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims, slow=claims[0]), claims) as work:
        async with asyncio.timeout(4):
            assert set(await work.papers()) == {1}


async def test_without_a_directory_nothing_is_said_of_a_seller(tmp_path: Path) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims), claims, down=True) as work:
        with pytest.raises(PeerUnreachable):
            await work.papers()


@pytest.mark.parametrize("url", ["http://[", "http://example.org:80", "https://127.0.0.1", "x\n"])
async def test_an_address_that_leads_nowhere_is_like_no_address(tmp_path: Path, url: str) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims), claims) as work:
        work.workplace.board.known[SELLER] = url  # type: ignore[attr-defined]
        assert await work.papers() == {}


async def test_one_address_that_leads_nowhere_hides_no_other_node(tmp_path: Path) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims), claims) as work:
        work.workplace.board.known[account("foreign")] = "https://example.org"  # type: ignore[attr-defined]
        (peer,) = await Rungs(work.workplace).peers([account("foreign")])
        assert peer.url == work.workplace.board.known[SELLER]  # type: ignore[attr-defined]
