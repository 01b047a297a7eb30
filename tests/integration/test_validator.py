"""A validator whose coordinator is gone, on a real chain."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chain_life import Life
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet
from compute_swarm.chain.rpc import Block, BlockTag, Rpc
from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.draw import Draws
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator
from examples import spec as example_spec

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def posted(life: Life) -> Life:
    """An award whose result waits to be judged."""
    await life.award(await life.bid(life.cast.sellers[0], [0, 1, 2]))
    await life.post_results(72)
    return life


@pytest.fixture
async def judge(posted: Life, net: Devnet, tmp_path: Path) -> AsyncIterator[Validator]:
    """The judge of the first item."""
    posted.contracts.deployment.save(tmp_path / "deployment.json")
    settings = NodeSettings(
        role=Role.VALIDATOR,
        home=tmp_path / "validator",
        deployment=tmp_path / "deployment.json",
        rpc=net.url,
        coordinator=NOWHERE,
        patience_s=0.0,
    )
    wallet = posted.cast.wallet((await posted.judges())[posted.items[0].share])
    async with open_workplace(settings, wallet) as workplace:
        yield Validator(workplace)


def remember(validator: Validator, signed: SignedVerdict) -> None:
    """Leave the verdict in the journal, as a validator that was killed after signing does."""
    verdict = signed.verdict
    document = {"signed": wire.encode(signed)}
    validator.workplace.journal.verdict_signed(verdict.commit_id, verdict.share, document)


async def verdict_on(life: Life, item: Item, refuted: bool) -> SignedVerdict:
    return (await life.verdicts(item if refuted else None))[item.share]


async def test_without_a_relayer_a_judge_posts_its_refutation_itself(
    posted: Life, judge: Validator
) -> None:
    item = posted.items[0]
    remember(judge, await verdict_on(posted, item, refuted=True))
    await judge.look()
    slot = await posted.contracts.market.award_slot(posted.awards[0].id)
    assert slot.status is AwardStatus.DISPUTED


async def test_an_upheld_verdict_stays_off_chain(posted: Life, judge: Validator) -> None:
    item = posted.items[0]
    remember(judge, await verdict_on(posted, item, refuted=False))
    await judge.look()
    court = posted.contracts.court
    assert await court.posted_verdict(posted.commit_id, item.share) is None


async def test_an_upheld_verdict_is_posted_before_it_would_stop_to_count(
    posted: Life, judge: Validator, net: Devnet
) -> None:
    item = posted.items[0]
    remember(judge, await verdict_on(posted, item, refuted=False))
    net.advance(120)  # of 15 s of window and 120 s to answer
    await judge.look()
    court = posted.contracts.court
    assert await court.posted_verdict(posted.commit_id, item.share) is not None


async def test_without_a_directory_a_judge_accuses_nobody(
    posted: Life, judge: Validator, net: Devnet
) -> None:
    (entry,) = (await judge.workplace.chronicle()).open_commits()
    note = f"spec/{entry.sweep_id.hex()}"
    judge.workplace.journal.noted(note, example_spec().document())
    net.advance(61)  # what is missing by now counts as withheld
    await judge.look()
    assert judge.workplace.journal.verdict(entry.id, posted.items[0].share) is None


class Behind(Rpc):
    """An endpoint that doesn't have the block yet which another one told of."""

    async def block(self, which: BlockTag = "latest") -> Block | None:
        return await super().block(which) if which == "latest" else None


async def test_nothing_is_drawn_from_a_block_that_is_not_there(
    posted: Life, judge: Validator, net: Devnet
) -> None:
    chronicle = await judge.workplace.chronicle()
    (entry,) = chronicle.open_commits()
    async with await Behind.connect(net.url, posted.chain_id) as rpc:
        behind = Draws(Contracts(rpc, posted.contracts.deployment))
        assert await behind.of_commit(chronicle, entry) is None
    assert await judge.workplace.draws.of_commit(chronicle, entry) is not None


async def test_the_first_verdict_signed_is_the_one_that_counts(
    posted: Life, judge: Validator
) -> None:
    item = posted.items[0]
    upheld = await verdict_on(posted, item, refuted=False)
    remember(judge, upheld)
    remember(judge, await verdict_on(posted, item, refuted=True))
    kept = judge.workplace.journal.verdict(upheld.verdict.commit_id, item.share)
    assert kept is not None
    assert kept["signed"] == wire.encode(upheld)
