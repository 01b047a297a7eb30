"""A validator's node that is asked to prove its word, on a real chain and by what it has kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chain_life import SEGMENTS
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet
from compute_swarm.chain.oversight import Demand
from compute_swarm.chain.transactions import send
from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.ids import ZERO32, keccak
from compute_swarm.domain.oversight import Word, demand_id
from compute_swarm.domain.typed_data import struct_hash, typed_verdict
from compute_swarm.domain.verdict import Outcome, SignedVerdict
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.examination import Examined
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator
from compute_swarm.verifier.dossier import AwardFinding, CaseFile, ItemFinding, Report
from compute_swarm.verifier.judge import Finding
from example_claim import example_spec
from overseen_life import OverseenLife, hashes

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def life(net: Devnet, contracts: Contracts) -> OverseenLife:
    made = OverseenLife(net, contracts)
    await made.award(await made.bid(made.cast.sellers[0], (0, 1, 2)))
    await made.post_results(3 * SEGMENTS)
    net.mine(4)
    return made


@pytest.fixture
def audit(life: OverseenLife) -> Item:
    return next(item for item in life.items if item.kind is ItemKind.AUDIT)


@pytest.fixture
async def judge(life: OverseenLife, audit: Item, tmp_path: Path) -> AsyncIterator[Validator]:
    """The judge of an audit, which has replayed all of its share."""
    life.contracts.deployment.save(tmp_path / "deployment.json")
    settings = NodeSettings(
        role=Role.VALIDATOR,
        home=tmp_path / "validator",
        deployment=tmp_path / "deployment.json",
        rpc=life.net.url,
        coordinator=NOWHERE,
    )
    wallet = life.cast.wallet((await life.judges())[audit.share])
    async with open_workplace(settings, wallet) as workplace:
        note = f"spec/{life.sweep_id.hex()}"
        workplace.journal.noted(note, example_spec(segments=SEGMENTS).document())
        validator = Validator.at(workplace)
        place = (life.commit_id, audit.share, life.seed)
        validator.judging._examined[place] = await replayed(life, audit.share)
        yield validator


async def replayed(life: OverseenLife, share: int) -> Examined:
    """What an examination of the share finds where everything is as the seller says."""
    findings = tuple(ItemFinding(item.number, _found(life, item)) for item in life.share(share))
    bid = (await life.bid(life.cast.sellers[0], (0, 1, 2))).bid
    file = CaseFile(0, bid, life.commit.awards[0], life.receipts_made, "")
    return Examined(Report(findings, (AwardFinding(0, (), ()),)), {0: file})


def _found(life: OverseenLife, item: Item) -> Finding:
    if item.kind is ItemKind.RESCORE:
        return Finding(Outcome.UPHELD, True, 0.0, StateHashes(keccak(b"loss"), ZERO32, ZERO32))
    receipt, k = life.end_of(item)
    return Finding(Outcome.UPHELD, True, 0.0, hashes(receipt.key, k))


async def demanded(life: OverseenLife, judge: Validator, item: Item) -> bytes:
    """Let a stranger ask for an item of the verdict that stands in the judge's journal."""
    document = judge.workplace.journal.verdict(life.commit_id, item.share)
    assert document is not None
    signed = wire.decode(SignedVerdict, document["signed"])
    word, oversight = Word(signed, judge.workplace.address, item.number), life.contracts.oversight
    call = oversight.demand(life.sweep, life.commit, word, await oversight.deposit())
    await send(life.cast.stranger, call)
    typed = typed_verdict(life.chain_id, life.contracts.court.address, signed.verdict)
    return demand_id(struct_hash(typed), word.judge, item.number)


async def stands(life: OverseenLife, id_: bytes) -> Demand:
    return await life.contracts.oversight.demand_of(id_)


async def test_a_demand_is_met_from_the_journal_and_earns_its_deposit(
    life: OverseenLife, judge: Validator, audit: Item
) -> None:
    await judge.speak()
    id_ = await demanded(life, judge, audit)
    assert not (await stands(life, id_)).closed
    await judge.speak()
    assert (await stands(life, id_)).closed
    oversight = life.contracts.oversight
    assert await oversight.credit(judge.workplace.address) == await oversight.deposit()


async def test_every_audit_of_the_share_can_be_proved(
    life: OverseenLife, judge: Validator, audit: Item
) -> None:
    await judge.speak()
    share = [item for item in life.share(audit.share) if item.kind is ItemKind.AUDIT]
    for item in share:
        id_ = await demanded(life, judge, item)
        await judge.speak()
        assert (await stands(life, id_)).closed


async def test_a_demand_whose_time_is_over_is_left_alone(
    life: OverseenLife, judge: Validator, audit: Item
) -> None:
    await judge.speak()
    id_ = await demanded(life, judge, audit)
    life.net.advance(61)
    await judge.speak()
    assert not (await stands(life, id_)).closed
