"""Firm bids: asked of each chosen seller's node, and checked before any money moves."""

from dataclasses import dataclass

from compute_swarm.chain.contracts import Account, Contracts
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Bid, Rung, SignedBid, bid_digest
from compute_swarm.domain.bonds import bond, panel_fee
from compute_swarm.domain.ids import AwardId, SweepId, hex32
from compute_swarm.domain.packing import pack_trials
from compute_swarm.domain.signature import typed_signer
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.typed_data import typed_bid
from compute_swarm.errors import BidUnusable
from compute_swarm.mesh.peer import Peer
from compute_swarm.sdk.allocation import Slice

TIME_TO_SEND_S = 15  # a bid has to live at least as long as a transaction takes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bid has to say."""

    sweep_id: SweepId
    spec: SweepSpec
    slice: Slice
    rung: Rung


async def firm_bid(contracts: Contracts, node: Peer, asked: Asked) -> SignedBid:
    """Ask a seller's node to sign for exactly these trials, and hold its answer against that."""
    document = {
        "sweep_id": hex32(asked.sweep_id),
        "trials": hex32(pack_trials(asked.slice.trials)),
        "rung": wire.encode(asked.rung),
    }
    signed = wire.decode(SignedBid, await node.post("/v1/bids", document))
    fault = bid_fault(signed.bid, asked, (await contracts.rpc.head()).time)
    if fault is None and not is_signed(contracts, signed):
        fault = "its signature is not the seller's"
    if fault is None:
        token = asked.spec.budget.token
        account = await contracts.market.account(signed.bid.seller, token)
        fault = await _account_fault(contracts, signed.bid, account, asked.spec)
    if fault is not None:
        raise BidUnusable(asked.slice.offer.seller, fault)
    return signed


def bid_fault(bid: Bid, asked: Asked, now: int) -> str | None:
    """Return what of a bid is not as asked, or None."""
    offer, spec = asked.slice.offer, asked.spec
    if bid.sweep_id != asked.sweep_id:
        return "it is for another sweep"
    if bid.seller != offer.seller:
        return f"it is {bid.seller}'s"
    if bid.trials != pack_trials(asked.slice.trials):
        return "it is for other trials"
    if bid.rung != asked.rung:
        return "it is for other segments of the trials"
    if bid.price > offer.price:
        return f"its price is {int(bid.price)} wei a segment, and {int(offer.price)} was offered"
    if bid.expiry < now + TIME_TO_SEND_S:
        return "it expires too soon"
    if not now < bid.deadline <= now + spec.budget.deadline_s + spec.budget.verdict_time:
        return "its deadline is not within the sweep's"
    return None


def is_signed(contracts: Contracts, signed: SignedBid) -> bool:
    deployment = contracts.deployment
    typed = typed_bid(deployment.chain_id, deployment.market, signed.bid)
    return typed_signer(typed, signed.signature) == signed.bid.seller


def award_id(contracts: Contracts, bid: Bid) -> AwardId:
    deployment = contracts.deployment
    return bid_digest(deployment.chain_id, deployment.market, bid)


async def _account_fault(
    contracts: Contracts, bid: Bid, account: Account, spec: SweepSpec
) -> str | None:
    if bid.nonce != account.nonce:
        return "its nonce is not the seller's"
    terms = await contracts.market.token_terms(spec.budget.token)
    fee = panel_fee(bid.price, contracts.deployment.profile.rules.seats, terms.panel_floor)
    need = bond(bid.price, bid.total_segments, spec.training.segments, fee)
    if account.free < need:
        return f"the seller's free balance is {int(account.free)} wei and its bond {int(need)}"
    return None
