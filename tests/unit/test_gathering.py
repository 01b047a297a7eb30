"""What a validator takes from sellers that are honest, lie, or never finish to speak."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.bid import Commit, bid_digest
from compute_swarm.domain.ids import CommitId
from compute_swarm.errors import PeerUnreachable
from compute_swarm.mesh.peer import JSON_LIMIT
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.chronicle import CommitEntry
from compute_swarm.node.gathering import Gathering, _shared
from compute_swarm.node.journal import Journal
from compute_swarm.node.papers import receipts_limit
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.verifier.assertions import Claim
from example_claim import CHAIN, MARKET, SELLER, SWEEP, digest, example_claim, posted_as_said
from examples import account
from paper_desk import Directory, Seller, desk

ITEMS = (Item(0, 0, ItemKind.AUDIT, 0, 0, 0), Item(1, 1, ItemKind.AUDIT, 0, 0, 0))


def two_claims() -> tuple[Claim, Claim]:
    first = example_claim()
    other = replace(first.bid, nonce=1)
    id_ = bid_digest(CHAIN, MARKET, other)
    posted = replace(first.posted, award=replace(first.posted.award, id=id_))
    receipts = tuple(replace(receipt, award_id=id_) for receipt in first.receipts)
    return first, posted_as_said(replace(first, bid=other, posted=posted, receipts=receipts))


@asynccontextmanager
async def gathering(
    folder: Path,
    seller: Seller,
    claims: Sequence[Claim],
    witness: Seller | None = None,
    down: bool = False,
) -> AsyncIterator[Gathering]:
    """Gather the two awards as the chain has them, from what the seller and a witness serve."""
    journal = Journal(folder / "journal.sqlite")
    settings = NodeSettings(Role.VALIDATOR, folder, folder, "", "")
    commit = Commit(1, 1_000, SELLER, tuple(claim.posted for claim in claims))
    entry = CommitEntry(CommitId(digest("commit")), SWEEP, commit)
    judge = account("judge")
    witnesses = {} if witness is None else {0: [judge], 1: [judge]}
    other = (witness or seller).application()
    async with serving(seller.application(), Loopback()) as url, serving(other, Loopback()) as its:
        workplace = desk(Directory({SELLER: url, judge: its}, down), journal, settings)
        yield Gathering(workplace, entry, claims[0].spec, ITEMS, 2.0, witnesses)
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


async def test_what_a_seller_keeps_back_comes_from_who_upheld_it(tmp_path: Path) -> None:
    claims = two_claims()
    forged = replace(claims[0], receipts=claims[0].receipts[:1])
    async with gathering(tmp_path, Seller((forged, claims[1])), claims, Seller(claims)) as work:
        assert set(await work.papers()) == {0, 1}


async def test_a_seller_that_never_answers_leaves_time_for_who_upheld_it(tmp_path: Path) -> None:
    claims = two_claims()
    silent = Seller(claims, slow=claims[0])
    async with gathering(tmp_path, silent, claims, Seller(claims)) as work:
        assert set(await work.papers()) == {0, 1}


def test_all_sources_together_have_the_time_of_one() -> None:
    names: Any = ["seller", "one", "other"]
    assert list(_shared(names, 8.0)) == [("seller", 4.0), ("one", 2.0), ("other", 2.0)]
    assert list(_shared(names[:1], 8.0)) == [("seller", 8.0)]


async def test_what_was_no_use_is_asked_of_another_next(tmp_path: Path) -> None:
    claims = two_claims()
    async with gathering(tmp_path, Seller(claims), claims, Seller(claims)) as work:
        files = await work.papers()
        first = [peer.url for peer in work._sources[0]]
        shape: Any = None
        faulty = {index: replace(file, receipts=()) for index, file in files.items()}
        assert await work.parts(faulty, shape, {})  # a claim with faults needs no states
        assert [peer.url for peer in work._sources[0]] == first[::-1]


async def test_no_more_is_read_than_honest_receipts_take(tmp_path: Path) -> None:
    claims = two_claims()
    most = receipts_limit(claims[0].posted)
    async with gathering(tmp_path, Seller(claims, padding=most), claims) as work:
        assert await work.papers() == {}
    told = [receipt.to_document() for receipt in claims[0].receipts]
    assert len(json.dumps(told)) < most < JSON_LIMIT
