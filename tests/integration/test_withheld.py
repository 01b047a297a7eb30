"""A seller that commits and then shows nothing to anybody: real judges, a real panel, one end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chain_life import SEGMENTS
from compute_swarm.chain.books import read_books
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet
from compute_swarm.chain.status import DisputeStatus
from compute_swarm.chain.transactions import send
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.money import parse_amount
from compute_swarm.domain.status import AwardStatus
from court_session import Session, session

HALF = 61  # seconds: more than half of the judges' time, and of the panel's


@pytest.fixture
async def silence(net: Devnet, contracts: Contracts, tmp_path: Path) -> AsyncIterator[Session]:
    async with session(net, contracts, tmp_path) as life:
        await life.award(await life.bid(life.cast.sellers[0], range(6)))
        yield life


async def test_who_withholds_from_everybody_is_slashed(silence: Session, net: Devnet) -> None:
    await silence.post_results(6 * SEGMENTS)
    net.advance(HALF)
    await silence.becomes(AwardStatus.DISPUTED, examining=True)
    net.mine(3)
    net.advance(HALF)
    await silence.becomes(AwardStatus.SLASHED, examining=True)
    slashed = (await read_books(silence.contracts)).awards.lines[0]
    assert slashed.burned > 0
    assert hex32(slashed.award_id) == hex32(silence.awards[0].id)


async def test_a_challenge_by_anybody_is_decided_by_a_panel(silence: Session, net: Devnet) -> None:
    stranger, market = silence.cast.stranger, silence.contracts.market
    await send(stranger, market.deposit(stranger.address, parse_amount("1 ETH")))
    await silence.post_results(6 * SEGMENTS)
    await silence.challenge(0, 30)
    assert (await market.account(stranger.address)).locked > 0
    net.advance(HALF)
    await silence.becomes(AwardStatus.SLASHED, examining=True)
    dispute = await silence.contracts.court.dispute(silence.id_of(0, Subject.challenged(30)))
    assert dispute.status is DisputeStatus.REFUTED
    account = await market.account(stranger.address)
    assert account.locked == 0
    assert account.free > parse_amount("1 ETH")
    assert (await read_books(silence.contracts)).balanced
