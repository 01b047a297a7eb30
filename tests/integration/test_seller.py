"""A seller's bargain and its independence, on a real chain with a real board."""

import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from chain_life import Life
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Award, Leg, Rung, Sweep, sweep_id
from compute_swarm.domain.ids import AwardId, SweepId, hex32
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.errors import LimitReached, NotAllowed, NotKnown, PeerRefused, WorkerFailed
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.bidding import Reason, usable_seconds
from compute_swarm.node.coordinator.main import CoordinatorSettings, running
from compute_swarm.node.delivery import Delivery
from compute_swarm.node.fulfilment import Fulfilment, Order
from compute_swarm.node.journal import AwardStage, ResultRecord
from compute_swarm.node.rungs import KEPT, Ends
from compute_swarm.node.sales import OFFER_SECONDS, offer_note
from compute_swarm.node.seller import Seller
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.workplace import Workplace
from compute_swarm.node.workshop import Job, worker_log
from compute_swarm.sdk.model import ModelFiles, read_model
from compute_swarm.storage.cid import Cid, Codec
from compute_swarm.verifier.layout import state_file
from example_claim import example_claim
from examples import spec as example_spec
from node_town import until
from seller_capacity import CAPACITY

NOWHERE = "http://127.0.0.1:9"  # no coordinator answers there
KEYS = (TrialKey(0, 0), TrialKey(1, 0))
WHOLE = Rung.whole(32)
LEG = Leg(KEYS, WHOLE)


def small_model(models: Path) -> ModelFiles:
    """Write a folder that says what a model's does; nothing here loads it."""
    folder = models / "small"
    folder.mkdir(parents=True)
    config = {"hidden_size": 8, "num_hidden_layers": 1, "vocab_size": 16}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    names = ("model.layers.0.q_proj.weight", "model.layers.0.v_proj.weight")
    weights = {name: np.zeros((8, 8), dtype=np.float32) for name in names}
    safetensors.numpy.save_file(weights, folder / "model.safetensors")
    return read_model(folder, models)


def settings_at(folder: Path, net: Devnet, coordinator: str) -> NodeSettings:
    return NodeSettings(
        role=Role.SELLER,
        home=folder / "seller",
        deployment=folder / "deployment.json",
        rpc=net.url,
        coordinator=coordinator,
        models=folder / "models",
        patience_s=0.0,
    )


@dataclass
class Stall:
    """A seller with a board, and a buyer that has called for offers on it."""

    life: Life
    seller: Seller
    buyer: Peer
    spec: SweepSpec
    sweep_id: SweepId

    async def call(self, keys: tuple[TrialKey, ...] = KEYS, rung: Rung = WHOLE) -> None:
        trials = hex32(pack_trials(keys))
        document = {"round": 0, "trials": trials, "rung": wire.encode(rung)}
        await self.buyer.post(f"/v1/sweeps/{hex32(self.sweep_id)}/calls", document)
        await self.seller.sales.answer_calls(time.time())

    async def offers(self) -> list[dict[str, object]]:
        answer = await self.buyer.get(f"/v1/sweeps/{hex32(self.sweep_id)}/offers")
        return list(answer["offers"])


@pytest.fixture
async def stall(life: Life, net: Devnet, tmp_path: Path) -> AsyncIterator[Stall]:
    deployment = life.contracts.deployment
    deployment.save(tmp_path / "deployment.json")
    model = small_model(tmp_path / "models")
    spec = example_spec(
        dataset__cid=str(Cid.of(Codec.RAW, b"rows")),
        model__digest=hex32(model.digest),
        model__tokenizer_digest=hex32(model.tokenizer_digest),
        budget__max_spend="1000000000000000000",
        budget__verdict_time=120,
    )
    sweep = Sweep(life.cast.buyer.address, spec.hash, spec.terms)
    id_ = sweep_id(deployment.chain_id, deployment.market, sweep)
    office = CoordinatorSettings(tmp_path / "coordinator", deployment, net.url, port=0)
    async with (
        running(office, dev_wallet(20)) as coordinator,
        open_workplace(
            settings_at(tmp_path, net, coordinator.url), life.cast.sellers[0]
        ) as workplace,
        Peer(coordinator.url, Loopback(), life.cast.buyer) as buyer,
    ):
        await workplace.board.register("seller", "http://127.0.0.1:1", "", {})
        document = {"spec": spec.document(), "sweep": wire.encode(sweep)}
        await buyer.post("/v1/sweeps", document)
        yield Stall(life, Seller.at(workplace, CAPACITY), buyer, spec, id_)


async def test_a_call_that_fits_gets_one_offer(stall: Stall) -> None:
    await stall.call()
    await stall.seller.sales.answer_calls(time.time())
    (offer,) = await stall.offers()
    assert offer["seller"] == stall.life.cast.sellers[0].address
    assert offer["class_id"] == CAPACITY.classes["float32"]


async def test_why_there_is_no_offer_is_remembered(stall: Stall) -> None:
    stall.seller.sales.capacity = replace(CAPACITY, engine="another")
    await stall.call()
    assert await stall.offers() == []
    assert stall.seller.sales.declined == {stall.sweep_id: (Reason.ENGINE,)}


async def test_a_firm_bid_says_what_was_asked_and_offered(stall: Stall) -> None:
    await stall.call()
    buyer = stall.life.cast.buyer.address
    signed = await stall.seller.sales.sign_bid(buyer, stall.sweep_id, LEG)
    (offer,) = await stall.offers()
    assert signed.bid.keys == KEYS
    assert str(int(signed.bid.price)) == offer["price"]
    award_id = stall.seller.workplace.award_id(signed.bid)
    assert stall.seller.workplace.journal.bid(award_id) is not None


async def test_asked_twice_it_signs_once(stall: Stall) -> None:
    await stall.call()
    buyer, sales = stall.life.cast.buyer.address, stall.seller.sales
    first = await sales.sign_bid(buyer, stall.sweep_id, LEG)
    assert await sales.sign_bid(buyer, stall.sweep_id, LEG) == first


async def test_only_the_buyer_may_ask(stall: Stall) -> None:
    await stall.call()
    with pytest.raises(NotAllowed):
        await stall.seller.sales.sign_bid(stall.life.cast.stranger.address, stall.sweep_id, LEG)


async def test_without_an_offer_there_is_no_bid(stall: Stall) -> None:
    with pytest.raises(NotKnown):
        await stall.seller.sales.sign_bid(stall.life.cast.buyer.address, stall.sweep_id, LEG)


async def test_no_more_is_promised_than_was_offered(stall: Stall) -> None:
    await stall.call()
    buyer, sales = stall.life.cast.buyer.address, stall.seller.sales
    await sales.sign_bid(buyer, stall.sweep_id, LEG)
    with pytest.raises(LimitReached):
        await sales.sign_bid(buyer, stall.sweep_id, Leg((TrialKey(2, 0),), WHOLE))


async def test_a_rung_from_an_award_that_is_not_there_is_declined(stall: Stall) -> None:
    await stall.call(rung=Rung(AwardId(b"a" * 32), 8, 8))
    assert await stall.offers() == []
    assert stall.seller.sales.declined == {stall.sweep_id: (Reason.START,)}
    assert not stall.seller.sales.rests.ready(AwardId(b"a" * 32), time.monotonic())


async def test_what_was_offered_for_other_segments_binds_nobody(stall: Stall) -> None:
    await stall.call()
    buyer = stall.life.cast.buyer.address
    with pytest.raises(NotKnown, match="offer of ours"):
        await stall.seller.sales.sign_bid(buyer, stall.sweep_id, Leg(KEYS, Rung.whole(8)))


async def test_an_offer_that_is_stale_is_not_stood_by(stall: Stall) -> None:
    await stall.call()
    stall.seller.sales.clock = lambda: time.time() + OFFER_SECONDS + 1
    with pytest.raises(NotKnown):
        await stall.seller.sales.sign_bid(stall.life.cast.buyer.address, stall.sweep_id, LEG)


async def test_what_was_promised_before_has_to_fit_into_the_deadline_too(stall: Stall) -> None:
    await stall.call()
    buyer, sales = stall.life.cast.buyer.address, stall.seller.sales
    journal, key = stall.seller.workplace.journal, offer_note(stall.sweep_id, stall.spec, LEG)
    slow = {"seconds_per_trial": usable_seconds(stall.spec) * 0.6, "most_trials": 9}
    journal.noted(key, journal.note(key) | slow)
    await sales.sign_bid(buyer, stall.sweep_id, Leg(KEYS[:1], WHOLE))
    with pytest.raises(LimitReached, match="seconds of training"):
        await sales.sign_bid(buyer, stall.sweep_id, Leg(KEYS[1:], WHOLE))


# --- alone: no coordinator, no relayer -------------------------------------------------------


@pytest.fixture
async def alone(life: Life, net: Devnet, tmp_path: Path) -> AsyncIterator[Workplace]:
    life.contracts.deployment.save(tmp_path / "deployment.json")
    settings = settings_at(tmp_path, net, NOWHERE)
    async with open_workplace(settings, life.cast.sellers[0]) as workplace:
        yield workplace


async def won(life: Life, workplace: Workplace, signs: bool, **changes: object) -> Award:
    """Let the seller win an award and, if it `signs`, finish it."""
    signed = await life.bid(life.cast.sellers[0], [0, 1], **changes)
    await life.award(signed)
    (award,) = life.awards
    order = Order(life.sweep, signed, award).document(1.0)
    workplace.journal.awarded(award.id, signed.bid.sweep_id, order)
    if signs:
        submission = life.submission(award, 48)
        document = {"submission": wire.encode(submission)}
        result = ResultRecord(award.id, submission.root, submission.done, document)
        workplace.journal.result_signed(result)
    return award


async def step(workplace: Workplace, delivery: Delivery, award: Award) -> None:
    record = workplace.journal.award(award.id)
    assert record is not None
    await delivery.step(await workplace.chronicle(), record)


async def test_without_a_relayer_a_seller_commits_its_result_itself(
    life: Life, alone: Workplace
) -> None:
    award = await won(life, alone, signs=True)
    await step(alone, Delivery(alone), award)
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.POSTED


async def test_what_was_not_done_in_time_gives_the_bond_back(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award = await won(life, alone, signs=False)
    net.advance(700)
    await step(alone, Delivery(alone), award)
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.EXPIRED


async def test_an_award_that_is_over_is_closed_and_its_states_go(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award, delivery = await won(life, alone, signs=False), Delivery(alone)
    states = alone.settings.home / "awards" / award.id.hex() / "states"
    states.mkdir(parents=True)
    net.advance(700)
    await step(alone, delivery, award)
    await step(alone, delivery, award)
    assert not states.exists()
    record = alone.journal.award(award.id)
    assert record is not None
    assert record.stage == "closed"


async def test_the_ends_of_unfinished_trials_stay_for_a_rung_for_a_while(
    life: Life, alone: Workplace
) -> None:
    award = await won(life, alone, signs=False)
    claim, folder = example_claim(done=12), alone.settings.home / "awards" / award.id.hex()
    told = [receipt.to_document() for receipt in claim.receipts]
    alone.journal.noted(f"receipts/{award.id.hex()}", told)
    for k in (11, 12):
        path = state_file(folder, KEYS[0], k)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"state")
    ends = Ends(alone)
    ends.keep(folder, award.id, 24)
    ends.tidy()
    assert [path.name for path in folder.glob("states/*/*")] == ["0012.safetensors"]
    alone.journal.noted(KEPT, {str(folder): 0.0})
    ends.tidy()
    assert not (folder / "states").exists()


async def test_an_award_that_cannot_start_rests_while_the_next_is_tried(
    life: Life, alone: Workplace
) -> None:
    first = await won(life, alone, signs=False)
    second = await won(life, alone, signs=False, nonce=0, deadline=await life.now() + 500)
    seller = Seller.at(alone, CAPACITY)
    await seller._work()  # no coordinator tells either spec
    now = time.monotonic()
    assert not seller.backoff.ready(first.id, now)
    assert not seller.backoff.ready(second.id, now)
    assert seller.progress()["status"] == "waiting"


async def test_an_award_past_its_deadline_is_given_up_and_then_expired(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award = await won(life, alone, signs=False)
    net.advance(700)
    seller = Seller.at(alone, CAPACITY)
    await seller._work()
    record = alone.journal.award(award.id)
    assert record is not None
    assert record.stage is AwardStage.GIVEN_UP
    await seller._look_at_chain()
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.EXPIRED


async def test_a_worker_is_ended_at_the_deadline(life: Life, alone: Workplace, net: Devnet) -> None:
    award = await won(life, alone, signs=False)
    net.advance(award.deadline - await life.now() - 3)
    record = alone.journal.award(award.id)
    assert record is not None
    work = Hanging(alone, CAPACITY, record, lambda *_: None)
    with pytest.raises(WorkerFailed, match="deadline"):
        await work.run()
    with pytest.raises(ProcessLookupError):
        os.kill(work.pid, 0)


@dataclass(slots=True)
class Hanging(Fulfilment):
    """A seller's work that never ends by itself."""

    pid: int = 0

    async def _deliver(self) -> None:
        script = ("-c", "import sys; sys.stdin.readline(); sys.stdin.read()")
        async with Job({}, worker_log(self.workplace.settings.home), script) as job:
            self.pid = job.pid or 0
            await job.result()


async def late(life: Life, net: Devnet, workplace: Workplace, posts: bool) -> AwardStatus:
    """Commit a result, let all time for answers pass, and let the seller act for itself."""
    award = await won(life, workplace, signs=True)
    await life.post_results(48)
    net.advance(121)
    for verdict in await life.verdicts():
        await (life.post(verdict) if posts else life.summon(verdict.verdict.share))
    net.advance(60 + 3 * 120 + 1)
    await step(workplace, Delivery(workplace), award)
    return (await life.contracts.market.award_slot(award.id)).status


async def test_after_the_time_for_answers_what_is_posted_settles(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    assert await late(life, net, alone, posts=True) is AwardStatus.SETTLED


async def test_after_a_summons_that_nobody_answers_the_bond_comes_back(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    assert await late(life, net, alone, posts=False) is AwardStatus.REFUNDED


# What the court needs of somebody, where the relayer does nothing


async def committed(life: Life, net: Devnet, workplace: Workplace) -> tuple[Award, Delivery]:
    """A result on chain, and its judges' time over."""
    award = await won(life, workplace, signs=True)
    await life.post_results(48)
    net.advance(121)
    return award, Delivery(workplace)


async def test_a_seller_calls_on_a_silent_judge_itself(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award, delivery = await committed(life, net, alone)
    await life.post((await life.verdicts())[0])
    await step(alone, delivery, award)
    shares = [await life.contracts.court.share(life.commit_id, share) for share in range(2)]
    assert [share.summoned_at > 0 for share in shares] == [False, True]


async def test_a_seller_settles_what_substitutes_answered(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award, delivery = await committed(life, net, alone)
    await life.post((await life.verdicts())[0])
    await life.summon(1)
    net.advance(61)
    holders = await life.substitutes(1)
    for seat in (1, 2):
        await life.post(life.verdict(1, holders[seat - 1]), seat)
    await step(alone, delivery, award)
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.SETTLED


async def test_a_seller_ends_a_panel_that_does_not_decide(
    life: Life, alone: Workplace, net: Devnet
) -> None:
    award, delivery = await committed(life, net, alone)
    item = life.items[0]
    await life.post((await life.verdicts(refuted=item))[item.share])
    await step(alone, delivery, award)
    assert (await life.contracts.court.dispute(life.dispute_id(item))).round == 0
    net.advance(121)
    await step(alone, delivery, award)
    assert (await life.contracts.court.dispute(life.dispute_id(item))).round == 1


@pytest.fixture
async def unrelayed(life: Life, net: Devnet, tmp_path: Path) -> AsyncIterator[Workplace]:
    """A seller's workplace with a board whose relayer can't pay for any transaction."""
    deployment = life.contracts.deployment
    deployment.save(tmp_path / "deployment.json")
    office = CoordinatorSettings(tmp_path / "coordinator", deployment, net.url, port=0)
    penniless = Wallet.from_key(b"\x01" * 32)
    async with running(office, penniless) as coordinator:
        settings = settings_at(tmp_path, net, coordinator.url)
        async with open_workplace(settings, life.cast.sellers[0]) as workplace:
            yield workplace


async def hang_up(life: Life, workplace: Workplace) -> None:
    """Bring all verdicts to the board, once it knows the commit."""
    for verdict in await life.verdicts():

        async def taken(signed: SignedVerdict = verdict) -> bool:
            try:
                await workplace.board.post_verdict(signed)
            except PeerRefused:
                return False
            return True

        await until(taken, 20)


async def test_without_a_relayer_a_seller_settles_by_what_hangs_on_the_board(
    life: Life, unrelayed: Workplace, net: Devnet
) -> None:
    award = await won(life, unrelayed, signs=True)
    await life.post_results(48)
    await hang_up(life, unrelayed)
    net.advance(16)
    await step(unrelayed, Delivery(unrelayed), award)
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.SETTLED


async def test_a_seller_posts_what_a_summoned_judge_had_signed_before_its_time_is_over(
    life: Life, unrelayed: Workplace, net: Devnet
) -> None:
    award, delivery = await committed(life, net, unrelayed)
    await hang_up(life, unrelayed)
    await life.summon(1)
    await step(unrelayed, delivery, award)
    court = life.contracts.court
    assert await court.posted_verdict(life.commit_id, 1) is None
    net.advance(31)
    await step(unrelayed, delivery, award)
    assert await court.posted_verdict(life.commit_id, 1) is not None
    await step(unrelayed, delivery, award)
    slot = await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.SETTLED
