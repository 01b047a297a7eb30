"""The relayer against a local chain: everybody else only talks to the board."""

import json
import time
from typing import ClassVar

import pytest

from chain_life import SEGMENTS, Life
from compute_swarm.chain.books import read_books
from compute_swarm.chain.cursor import history
from compute_swarm.chain.events import Committed, Event, Settled
from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, award_answers, award_shares
from compute_swarm.domain.bid import SignedBid, Sweep
from compute_swarm.domain.ids import CommitId, SweepId, hex32
from compute_swarm.domain.settlement import Judged, settlement
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.typed_data import typed_verdict, typed_vote
from compute_swarm.domain.verdict import Outcome, SignedVerdict, SignedVote, Vote
from compute_swarm.node.cases import Cases
from compute_swarm.node.coordinator.board import Board
from compute_swarm.node.coordinator.relayer import Relayer
from compute_swarm.node.coordinator.store import SCHEMA, SCHEMA_VERSION, UPGRADES, Limits, Standing
from compute_swarm.node.coordinator.verdicts import Verdicts
from compute_swarm.node.database import Database
from examples import digest, spec

SPEC = spec(
    training__steps=2 * SEGMENTS,
    training__segments=SEGMENTS,
    requirements__vram_gib=24,
    budget__verdict_time=120,
)


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Scene(Life):
    """A sweep whose parties use the board, and the relayer that serves it."""

    bids: list[SignedBid]
    database: Database
    board: Board
    said: Verdicts
    relayer: Relayer
    clock: Clock

    @property
    def sweep(self):
        return Sweep(self.cast.buyer.address, SPEC.hash, SPEC.terms)

    async def open(self, *trials: tuple[int, ...], **changes: int) -> None:
        pairs = zip(self.cast.sellers, trials, strict=False)
        self.bids = [await self.bid(seller, of, **changes) for seller, of in pairs]
        await self.award(*self.bids)

    def deliver(self, number: int, done: int) -> None:
        self.board.result(self.bids[number], self.submission(self.awards[number], done))

    async def events(self) -> tuple[Event, ...]:
        rpc, deployment = self.contracts.rpc, self.contracts.deployment
        head = await rpc.head()
        return await history(rpc, [deployment.market], deployment.block, head.number)

    async def commits(self) -> list[Committed]:
        return [event for event in await self.events() if isinstance(event, Committed)]

    async def take_commit(self) -> None:
        """Take over the relayer's only commit, its draw known."""
        (line,) = self.relayer.chronicle.commits.values()
        self.commit = line.commit
        self.net.mine(3)
        self.seed = (await self.contracts.market.docket(self.sweep, self.commit)).seed

    async def say(self, *verdicts) -> None:
        for signed in verdicts:
            self.said.verdict(self.commit_id, signed)

    async def vote(self, item: Item, upheld: bool) -> None:
        id_ = self.dispute_id(item)
        outcome = Outcome.UPHELD if upheld else Outcome.REFUTED
        vote = Vote(id_, (await self.contracts.court.dispute(id_)).round, outcome)
        typed = typed_vote(self.chain_id, self.contracts.court.address, vote)
        for member in sorted(set(await self.panel(item))):
            signature = self.cast.wallet(member).sign_typed(typed)
            self.said.vote(vote.dispute_id, SignedVote(vote, member, signature))

    async def statuses(self) -> list[AwardStatus]:
        market = self.contracts.market
        return [(await market.award_slot(award.id)).status for award in self.awards]

    def restart(self) -> None:
        """A relayer that knows nothing but the chain and the board."""
        relayer = self.cast.relayer
        self.relayer = Relayer(self.contracts, relayer, self.board, self.said, 10.0, self.clock)


@pytest.fixture
def scene(net, contracts, tmp_path):
    database = Database.open(tmp_path / "board.sqlite", SCHEMA, SCHEMA_VERSION, UPGRADES)
    scene = Scene(net, contracts)
    scene.clock, scene.database = Clock(), database
    place = (database, contracts.deployment, Limits(), scene.clock)
    scene.board, scene.said = Board(*place), Verdicts(*place)
    scene.board.announce(scene.cast.buyer.address, SPEC, scene.sweep)
    scene.restart()
    yield scene
    database.close()


async def committed(scene: Scene) -> Scene:
    await scene.open((0, 1, 2), (3, 4))
    scene.deliver(0, 3 * SEGMENTS)
    scene.deliver(1, SEGMENTS + 10)
    await scene.relayer.step()
    await scene.take_commit()
    return scene


async def test_all_results_of_a_sweep_go_into_one_commit(scene):
    await committed(scene)
    (commit,) = await scene.commits()
    assert {entry.award_id for entry in commit.entries} == {award.id for award in scene.awards}
    assert scene.said.commit(scene.commit_id)["commit"] == wire.encode(scene.commit)
    assert scene.board.sweep(scene.sweep_id)["commits"] == [hex32(scene.commit_id)]


async def test_a_commit_is_written_down_when_it_is_read_and_never_again(scene):
    await committed(scene)
    assert scene.database.write("DELETE FROM commits") == 1
    await scene.relayer.step()
    assert scene.database.number("SELECT count(*) FROM commits") == 0


async def test_the_board_hears_which_sweeps_were_paid_for_and_which_awards_are_open(scene):
    standing = "SELECT standing FROM sweeps"
    assert scene.database.number(standing) == Standing.UNKNOWN
    await scene.open((0,))
    await scene.relayer.step()
    assert scene.database.number(standing) == Standing.OPENED
    assert scene.relayer.open_sweeps() == {scene.sweep_id}
    scene.net.advance(612)
    await scene.relayer.step()
    assert scene.relayer.open_sweeps() == set()


class Asked(Cases):
    """Cases that tell which were asked for."""

    told: ClassVar[list[CommitId]] = []

    async def of(self, chronicle, entry, now):
        self.told.append(entry.id)
        return await super().of(chronicle, entry, now)


async def test_with_a_commit_only_its_own_sweeps_cases_are_looked_at(scene):
    await committed(scene)
    relayer, told = scene.relayer, Asked.told
    relayer._cases = Asked(scene.contracts, relayer._draws)
    for sweep_id in (SweepId(digest("another")), scene.sweep_id):
        assert not await relayer._commit_and_settle(sweep_id, scene.sweep, [], 0)
    assert told == [scene.commit_id]


async def test_a_result_waits_for_the_others_but_not_for_ever(scene):
    await scene.open((0,), (1,))
    scene.deliver(0, SEGMENTS)
    await scene.relayer.step()
    assert await scene.commits() == []
    scene.clock.ahead = 11
    await scene.relayer.step()
    assert [len(commit.entries) for commit in await scene.commits()] == [1]
    scene.deliver(1, SEGMENTS)
    await scene.relayer.step()
    assert [len(commit.entries) for commit in await scene.commits()] == [1, 1]


async def test_a_result_that_the_contract_refuses_does_not_hold_up_the_others(scene):
    await scene.open((0,), (1,))
    scene.deliver(0, SEGMENTS)
    scene.deliver(1, SEGMENTS)
    (first, _) = scene.board.results(scene.sweep_id)
    document = wire.encode(first.submission) | {"signature": "0x" + "11" * 65}
    scene.database.write(  # the board itself lets no such result in
        "UPDATE results SET document = ? WHERE award = ?",
        *(json.dumps(document), first.submission.award.id),
    )
    await scene.relayer.step()
    (commit,) = await scene.commits()
    assert [entry.award_id for entry in commit.entries] == [scene.awards[1].id]


async def test_an_upheld_commit_is_settled_once_after_its_window(scene):
    await committed(scene)
    await scene.say(*await scene.verdicts())
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.POSTED] * 2
    scene.net.advance(16)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2
    tips = (await scene.contracts.market.account(scene.cast.relayer.address)).free
    terms = await scene.contracts.market.token_terms()
    due = [
        settlement(posted, Judged(award_answers(scene.items, index)), terms.tip)
        for index, posted in enumerate(scene.commit.awards)
    ]
    assert tips == 4 * terms.tip + sum(part.dust for part in due)
    assert (await read_books(scene.contracts)).balanced


async def test_a_validators_verdict_on_anothers_share_changes_nothing(scene):
    await committed(scene)
    judges = await scene.judges()
    stranger = next(v for v in scene.cast.validators if v.address not in judges)
    verdict = (await scene.verdicts(refuted=scene.items[0]))[0].verdict
    typed = typed_verdict(scene.chain_id, scene.contracts.court.address, verdict)
    await scene.say(SignedVerdict(verdict, stranger.sign_typed(typed)), *await scene.verdicts())
    scene.net.advance(16)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2


async def test_one_verdict_that_the_contract_refuses_does_not_hold_up_the_rest(scene):
    sellers = scene.cast.sellers
    scene.bids = [await scene.bid(sellers[number % 2], (number,)) for number in range(3)]
    await scene.award(*scene.bids)
    for number in range(3):
        scene.deliver(number, SEGMENTS)
    await scene.relayer.step()
    await scene.take_commit()
    await scene.say(*await scene.verdicts())
    shares = [award_shares(scene.items, n) for n in range(3)]
    bad = min({0, 1, 2} - shares[0])
    row = scene.database.one("SELECT document FROM verdicts WHERE share = ?", bad)
    document = json.loads(row["document"]) | {"signature": "0x" + "11" * 65}
    scene.database.write(  # the board itself lets no such verdict in
        "UPDATE verdicts SET document = ? WHERE share = ?", json.dumps(document), bad
    )
    scene.net.advance(16)
    await scene.relayer.step()
    settled = [status is AwardStatus.SETTLED for status in await scene.statuses()]
    assert settled == [bad not in of for of in shares]


async def test_a_restarted_relayer_goes_on_where_the_chain_is(scene):
    await committed(scene)
    scene.restart()
    await scene.relayer.step()
    assert len(await scene.commits()) == 1
    await scene.say(*await scene.verdicts())
    scene.net.advance(16)
    scene.restart()
    await scene.relayer.step()
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2


async def test_a_refuted_award_is_disputed_slashed_and_the_other_settled(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 0)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.DISPUTED, AwardStatus.POSTED]
    scene.net.mine(3)
    await scene.vote(item, upheld=False)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SLASHED, AwardStatus.POSTED]
    scene.net.advance(16)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SLASHED, AwardStatus.SETTLED]
    assert (await read_books(scene.contracts)).balanced


async def test_a_dismissed_dispute_lets_the_award_settle(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 0)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    scene.net.mine(3)
    await scene.vote(item, upheld=True)
    scene.net.advance(16)
    await scene.relayer.step()
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2


async def test_an_award_restored_late_settles_all_the_same(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 0)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    await scene.relayer.step()
    scene.net.advance(100)
    await scene.vote(item, upheld=True)
    await scene.relayer.step()
    scene.net.advance(60)
    await scene.relayer.step()
    assert (await scene.statuses())[0] is AwardStatus.SETTLED


async def test_the_seed_of_an_open_disputes_panel_is_kept(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 0)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    scene.relayer.seeds.pin_blocks = 5
    scene.net.mine(10)
    await scene.relayer.step()
    opened = await scene.contracts.court.dispute(scene.dispute_id(item))
    block = opened.block_number + scene.contracts.deployment.profile.entropy.delay
    wanted = {"address": scene.contracts.randomness.address, "fromBlock": "0x0"}
    pinned = [int(log["topics"][1], 16) for log in scene.net.request("eth_getLogs", wanted)]
    assert block in pinned


async def test_three_panels_that_do_not_answer_end_in_a_refund(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 1)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    for _ in range(3):
        assert (await scene.statuses())[1] is AwardStatus.DISPUTED
        scene.net.advance(122)
        await scene.relayer.step()
    assert (await scene.statuses())[1] is AwardStatus.REFUNDED


async def test_a_panel_that_is_drawn_anew_decides_in_its_own_time(scene):
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 1)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    scene.net.advance(122)
    await scene.relayer.step()
    dispute = await scene.contracts.court.dispute(scene.dispute_id(item))
    assert dispute.round == 1
    scene.net.mine(3)
    await scene.vote(item, upheld=False)
    await scene.relayer.step()
    assert (await scene.statuses())[1] is AwardStatus.SLASHED
    assert (await read_books(scene.contracts)).balanced


async def test_a_judge_whose_time_is_over_is_summoned_unless_its_verdict_is_there(scene):
    await committed(scene)
    await scene.say(*(await scene.verdicts())[1:])
    scene.net.advance(16)
    await scene.relayer.step()
    assert await summoned(scene) == []
    scene.net.advance(105)
    await scene.relayer.step()
    assert await summoned(scene) == [0]


async def summoned(scene: Scene) -> list[int]:
    court = scene.contracts.court
    shares = [await court.share(scene.commit_id, share) for share in range(scene.shares)]
    return [number for number, share in enumerate(shares) if share.summoned_at]


async def test_a_judge_that_somebody_summoned_although_it_had_signed_is_posted(scene):
    await committed(scene)
    scene.net.advance(121)
    await scene.summon(1)
    await scene.say(*await scene.verdicts())
    await scene.relayer.step()
    assert await scene.contracts.court.posted_verdict(scene.commit_id, 1) is not None
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2


async def test_a_settlement_rides_along_with_the_next_commit_of_its_sweep(scene):
    await scene.open((0, 1, 2))
    scene.deliver(0, 3 * SEGMENTS)
    await scene.relayer.step()
    await scene.take_commit()
    await scene.say(*await scene.verdicts())
    (earlier,) = scene.awards
    await scene.open((3, 4))
    scene.net.advance(16)
    scene.deliver(0, 2 * SEGMENTS)
    await scene.relayer.step()
    (_, second) = await scene.commits()
    (settled,) = [event for event in await scene.events() if isinstance(event, Settled)]
    assert settled.award_id == earlier.id
    assert settled.place.transaction == second.place.transaction


async def test_awards_whose_judges_are_called_upon_in_vain_are_refunded(scene):
    await committed(scene)
    scene.net.advance(121)
    await scene.relayer.step()
    assert await summoned(scene) == [0, 1, 2]
    assert await scene.statuses() == [AwardStatus.POSTED] * 2
    scene.net.advance(60 + 3 * 120 + 1)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.REFUNDED] * 2
    assert (await read_books(scene.contracts)).balanced


async def test_awards_that_substitutes_answered_are_settled(scene):
    await committed(scene)
    scene.net.advance(121)
    await scene.summon(0)
    scene.net.advance(61)
    holders = await scene.substitutes(0)
    for seat in (1, 2):
        await scene.post(scene.verdict(0, holders[seat - 1]), seat)
    await scene.say(*await scene.verdicts())
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.SETTLED] * 2
    assert (await read_books(scene.contracts)).balanced


async def test_one_silent_judge_costs_only_what_it_should_have_judged(scene):
    await committed(scene)
    verdicts = await scene.verdicts()
    shares = award_shares(scene.items, 1)
    await scene.say(*(v for v in verdicts if v.verdict.share in shares))
    scene.net.advance(16)
    await scene.relayer.step()
    expected = [AwardStatus.POSTED] * 2 if len(shares) < 3 else [AwardStatus.SETTLED] * 2
    assert await scene.statuses() == expected
    scene.net.advance(105)
    await scene.relayer.step()
    assert (await scene.statuses())[1] is AwardStatus.SETTLED


async def test_a_reorganised_chain_is_read_anew(scene):
    await committed(scene)
    lost = scene.commit
    for _ in range(5):  # a block may come in between
        head = await scene.contracts.rpc.head()
        scene.net.reorganise(head.number - lost.block_number + 1)
        if await scene.statuses() == [AwardStatus.AWARDED] * 2:
            break
    assert await scene.statuses() == [AwardStatus.AWARDED] * 2
    await scene.relayer.step()
    (line,) = scene.relayer.chronicle.commits.values()
    assert await scene.statuses() == [AwardStatus.POSTED] * 2
    assert line.commit.block_number > lost.block_number


async def test_an_award_without_a_result_expires(scene):
    await scene.open((0,))
    scene.net.advance(612)
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.EXPIRED]


async def test_what_nobody_pays_for_is_sent_so_often_an_hour(scene):
    sellers = scene.cast.sellers
    scene.bids = [await scene.bid(sellers[number % 2], (number,)) for number in range(3)]
    await scene.award(*scene.bids)
    scene.relayer.unpaid_an_hour = 2
    scene.net.advance(612)
    await scene.relayer.step()
    assert (await scene.statuses()).count(AwardStatus.EXPIRED) == 2
    scene.clock.ahead = 3_600
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.EXPIRED] * 3


async def test_a_tip_makes_up_for_what_nobody_paid(scene):
    scene.relayer.unpaid_an_hour = 1
    await scene.open((0,))
    (lapsed,) = scene.awards
    scene.net.advance(612)
    await scene.relayer.step()
    await committed(scene)
    item = next(item for item in scene.items if item.award_index == 0)
    await scene.say(*await scene.verdicts(refuted=item))
    await scene.relayer.step()
    assert await scene.statuses() == [AwardStatus.DISPUTED, AwardStatus.POSTED]
    assert (await scene.contracts.market.award_slot(lapsed.id)).status is AwardStatus.EXPIRED
