"""Where a rung's start comes from, and who may have it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from compute_swarm.domain.bid import Award, Bid, Commit, SignedBid, Sweep, bid_digest
from compute_swarm.domain.ids import Address, CommitId
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.status import AwardStatus
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.api import Counter, _Handlers
from compute_swarm.node.chronicle import AwardEntry, Chronicle, CommitEntry, PostedVerdict, Record
from compute_swarm.node.journal import Journal
from compute_swarm.node.release import Release
from compute_swarm.node.rungs import Rungs
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.workplace import Workplace
from example_claim import CHAIN, MARKET, SELLER, SWEEP, digest, example_claim
from examples import account
from paper_desk import Directory, Seller, desk

ENDED = 12  # segments of each trial
CLAIM = example_claim(done=ENDED)
START = CLAIM.posted.award.id
KEY, OTHER = TrialKey(0, 0), TrialKey(1, 0)
COMMIT = CommitId(digest("commit"))
JUDGE, NEXT = account("judge"), account("next")


def rung(seller: Address = NEXT, k: int = ENDED) -> Bid:
    """A bid that goes on from one trial's end."""
    trials = pack_trials([KEY])
    changes: dict[str, Any] = {"seller": seller, "trials": trials, "first": k, "start": START}
    return replace(CLAIM.bid, **changes, segments=12)


def chronicle(status: AwardStatus, *bids: Bid, judge: Address | None = None) -> Chronicle:
    """The first award posted, and awards of these bids."""
    told = Chronicle()
    told.sweeps[SWEEP] = Sweep(account("buyer"), CLAIM.spec.hash, CLAIM.spec.terms)
    told.awards[START] = AwardEntry(SWEEP, CLAIM.posted.award, status, COMMIT)
    told.commits[COMMIT] = CommitEntry(COMMIT, SWEEP, Commit(1, 1_000, SELLER, (CLAIM.posted,)))
    if judge is not None:
        verdict: Any = None
        told.records[COMMIT] = Record({(0, 1): PostedVerdict(judge, verdict)})
    for bid in bids:
        award = Award.of(bid_digest(CHAIN, MARKET, bid), bid)
        told.awards[award.id] = AwardEntry(SWEEP, award, AwardStatus.AWARDED)
    return told


class Past:
    """The chain's events, of which only their blocks matter here."""

    def __init__(self) -> None:
        self.reads, self.blocks = 0, list[bytes]()

    async def events(self) -> Sequence[Any]:
        self.reads += 1
        return [SimpleNamespace(place=SimpleNamespace(block_hash=one)) for one in self.blocks]


@dataclass
class Kept:
    forgotten: int = 0

    def forget(self) -> None:
        self.forgotten += 1


@asynccontextmanager
async def node(folder: Path, told: Chronicle, board: Directory) -> AsyncIterator[Workplace]:
    journal = Journal(folder / "journal.sqlite")
    workplace = desk(board, journal, NodeSettings(Role.SELLER, folder, folder, "", ""))
    workplace.history = Past()  # type: ignore[assignment]
    workplace._chronicle = (0, b"", told)
    yield workplace
    await workplace.aclose()
    journal.close()


def keep_receipts(workplace: Workplace) -> None:
    told = [receipt.to_document() for receipt in CLAIM.receipts]
    workplace.journal.noted(f"receipts/{START.hex()}", told)


async def goes_on(folder: Path, told: Chronicle, shown: Bid, who: Address, key: TrialKey) -> bool:
    board = Directory({}, shown=[SignedBid(shown, bytes(65))])
    async with node(folder, told, board) as workplace:
        workplace.contracts.rpc = Clock()  # type: ignore[misc]
        keep_receipts(workplace)
        work: Any = None
        handlers = _Handlers(Counter(workplace, work, None, {}), Release(workplace))
        return await handlers._goes_on(told, who, (START, key, ENDED))


class Clock:
    async def head(self) -> Any:
        return type("Head", (), {"time": 2_000})


async def test_who_won_a_rung_has_the_ends_that_it_goes_on_from_and_no_others(
    tmp_path: Path,
) -> None:
    told = chronicle(AwardStatus.SETTLED, rung())
    assert await goes_on(tmp_path, told, rung(), NEXT, KEY)
    assert not await goes_on(tmp_path, told, rung(), NEXT, OTHER)
    assert not await goes_on(tmp_path, told, rung(), account("stranger"), KEY)
    early = chronicle(AwardStatus.SETTLED, rung(k=6))
    assert not await goes_on(tmp_path, early, rung(k=6), NEXT, KEY)


@pytest.mark.parametrize("status", [AwardStatus.POSTED, AwardStatus.DISPUTED, AwardStatus.SLASHED])
async def test_an_end_that_nobody_upheld_is_nobodys_to_go_on_from(
    tmp_path: Path, status: AwardStatus
) -> None:
    told = chronicle(status, rung())
    assert not await goes_on(tmp_path, told, rung(), NEXT, KEY)


async def test_what_the_journal_has_is_asked_of_nobody(tmp_path: Path) -> None:
    board = Directory({}, down=True)
    async with node(tmp_path, chronicle(AwardStatus.SETTLED), board) as workplace:
        keep_receipts(workplace)
        earlier = await Rungs(workplace).earlier(START)
        assert earlier is not None
        assert earlier.receipts == CLAIM.receipts


async def test_a_result_comes_from_a_judge_where_its_seller_never_answers(tmp_path: Path) -> None:
    silent, witness = Seller([CLAIM], slow=CLAIM), Seller([CLAIM])
    async with AsyncExitStack() as stack:
        urls = [
            await stack.enter_async_context(serving(one.application(), Loopback()))
            for one in (silent, witness)
        ]
        known = {SELLER: urls[0], JUDGE: urls[1], account("foreign"): "https://example.org"}
        told = chronicle(AwardStatus.SETTLED, judge=JUDGE)
        place = await stack.enter_async_context(node(tmp_path, told, Directory(known)))
        async with asyncio.timeout(4):
            earlier = await Rungs(place, answer_s=1.0).earlier(START)
    assert earlier is not None


async def test_who_is_neither_seller_nor_judge_is_not_asked(tmp_path: Path) -> None:
    known = {SELLER: "http://127.0.0.1:1", account("bystander"): "http://127.0.0.1:2"}
    told = chronicle(AwardStatus.SETTLED)
    async with node(tmp_path, told, Directory(known)) as workplace:
        peers = await Rungs(workplace).holders(told, told.awards[START])
        assert [peer.url for peer in peers] == ["http://127.0.0.1:1"]


async def test_one_address_that_leads_nowhere_hides_no_other_node(tmp_path: Path) -> None:
    known = {JUDGE: "https://example.org", SELLER: "http://127.0.0.1:1"}
    async with node(tmp_path, chronicle(AwardStatus.SETTLED), Directory(known)) as workplace:
        (peer,) = await workplace.peers([JUDGE, SELLER, SELLER])
        assert peer.url == "http://127.0.0.1:1"


async def test_who_asks_often_is_told_what_was_read_a_moment_ago(tmp_path: Path) -> None:
    async with node(tmp_path, Chronicle(), Directory({})) as workplace:
        await workplace.chronicle()
        workplace.settings = replace(workplace.settings, poll_s=60.0)
        for _ in range(3):
            await workplace.recent_chronicle()
        assert workplace.history.reads == 1  # type: ignore[attr-defined]
        await workplace.chronicle()
        assert workplace.history.reads == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("then", "forgotten"), [((b"1", b"2", b"3"), 0), ((b"1", b"x", b"3"), 1), ((b"1",), 1)]
)
async def test_seeds_are_looked_after_again_where_the_chain_was_reorganised(
    tmp_path: Path, then: tuple[bytes, ...], forgotten: int
) -> None:
    async with node(tmp_path, Chronicle(), Directory({})) as workplace:
        past: Any = workplace.history
        workplace.seeds = kept = Kept()  # type: ignore[assignment]
        past.blocks = [b"1", b"2"]
        await workplace.chronicle()
        past.blocks = list(then)
        await workplace.chronicle()
        assert kept.forgotten == forgotten
