"""Calls for offers: put the sweep on the board, wait a bounded time, see who answered."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.domain.bid import Leg, Sweep
from compute_swarm.domain.ids import Address, SweepId, address, hex32
from compute_swarm.domain.money import Amount, Coin
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.errors import (
    NoOffers,
    OverBudget,
    SwarmError,
    TokenNotListed,
    TooFewValidators,
    TransferError,
)
from compute_swarm.sdk.allocation import Offer
from compute_swarm.sdk.allowance import Allowance
from compute_swarm.sdk.quote import Exclusion, Market, Quote, make_quote, sift
from compute_swarm.sdk.session import Session

WAIT_S: Final = 30.0  # for offers at all
LULL_S: Final = 6.0  # after the last offer that came
_POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """What sellers are asked for in one round."""

    sweep_id: SweepId
    sweep: Sweep
    spec: SweepSpec
    leg: Leg  # trials of one kind
    most: Amount  # what may still be spent
    refused: frozenset[Address] = frozenset()  # sellers that failed this sweep before
    opening: Allowance | None = None  # a session that what is bought opens, and has to fit


async def market_of(session: Session, call: Call) -> Market:
    """Read what the chain says, and refuse a sweep that too few could judge."""
    contracts, spec = session.contracts, call.spec
    head = await contracts.rpc.head()
    found = await contracts.validators.eligible(head.time, call.sweep.terms.vram_gib)
    rules = contracts.deployment.profile.rules
    if found.validators < rules.least_validators:
        raise TooFewValidators(rules.least_validators, found.validators)
    terms = await contracts.market.token_terms(spec.budget.token)
    if not terms.listed:
        raise TokenNotListed(spec.budget.token)
    window = rules.window(spec.budget.verdict_time)
    coin = await session.coin(spec.budget.token)
    limits = session.allowance or call.opening
    return Market(terms, found.validators, window, coin, limits)


async def quote_call(session: Session, call: Call, wait_s: float = WAIT_S) -> Quote:
    """Ask for offers on the trials and allocate them. The sweep has to be on the board."""
    market = await market_of(session, call)
    round_ = await _next_round(session, call.sweep_id)
    allowance = session.allowance
    spend = None if allowance is None else allowance.session
    await session.coordinator.call(call.sweep_id, round_, call.leg, spend)
    sellers = await _sellers(session)
    answers = await _wait_for_offers(session, call.sweep_id, round_, sellers, wait_s)
    offers = [offer for answer in answers if (offer := _offer(answer, sellers)) is not None]
    usable, excluded = sift(offers, (call.spec, call.leg.rung), market, call.refused)
    excluded += await _silent(session, call, sellers, offers)
    return make_quote(call.leg, round_, (usable, excluded), market, call.most)


def check_quote(quote: Quote, coin: Coin) -> None:
    """Refuse to pay for a quote that leaves trials out or costs more than the buyer said."""
    if quote.left_over or not quote.slices:
        raise NoOffers(quote.matching + len(quote.excluded))
    if not quote.affordable:
        raise OverBudget(coin.text(quote.cost), coin.text(quote.most))


async def _next_round(session: Session, id_: SweepId) -> int:
    document = await session.coordinator.sweep(id_)
    rounds = [int(call["round"]) for call in document.get("calls", [])]
    return max(rounds, default=-1) + 1


async def _sellers(session: Session) -> Mapping[Address, Mapping[str, Any]]:
    nodes = await session.coordinator.nodes()
    sellers = [node for node in nodes if node["role"] == "seller" and node["online"]]
    return {address(node["address"]): node for node in sellers}


async def _wait_for_offers(
    session: Session, id_: SweepId, round_: int, sellers: Mapping[Address, Any], wait_s: float
) -> Sequence[Mapping[str, Any]]:
    """Wait for everybody, but no longer than `wait_s`, nor than a lull after the last offer."""
    started = last = time.monotonic()
    found: Sequence[Mapping[str, Any]] = []
    while time.monotonic() - started < wait_s:
        now = await session.coordinator.offers(id_, round_)
        if len(now) > len(found):
            last = time.monotonic()
        found = now
        if len(found) >= len(sellers) or (found and time.monotonic() - last > LULL_S):
            break
        await asyncio.sleep(_POLL_S)
    return found


def _offer(answer: Mapping[str, Any], sellers: Mapping[Address, Mapping[str, Any]]) -> Offer | None:
    """Read an offer; None for one that makes no sense, which costs nobody else theirs."""
    try:
        seller, seconds = address(answer["seller"]), float(answer["seconds_per_trial"])
        if not 0 <= seconds < math.inf:
            return None
        return Offer(
            seller=seller,
            url=str(sellers.get(seller, {}).get("url", "")),
            class_id=str(answer["class_id"]),
            price=Amount(int(answer["price"])),
            most_trials=int(answer["most_trials"]) if seller in sellers else 0,
            seconds_per_trial=seconds,
            deadline_s=int(answer["deadline_s"]),
        )
    except (SwarmError, KeyError, TypeError, ValueError, OverflowError):
        return None


async def _silent(
    session: Session,
    call: Call,
    sellers: Mapping[Address, Mapping[str, Any]],
    offers: Sequence[Offer],
) -> list[Exclusion]:
    answered = {offer.seller for offer in offers}
    silent = [(seller, node) for seller, node in sellers.items() if seller not in answered]
    limits = await asyncio.gather(*(_silence(session, call, node) for _, node in silent))
    return [Exclusion(seller, limit) for (seller, _), limit in zip(silent, limits, strict=True)]


async def _silence(session: Session, call: Call, node: Mapping[str, Any]) -> str:
    """Ask a node why it made no offer; its word is for people, and nothing hangs on it."""
    try:
        progress = await session.reader(str(node["url"])).get("/v1/progress")
        reasons = progress["declined"][hex32(call.sweep_id)]
    except (TransferError, KeyError, TypeError):
        return "it made no offer"
    return f"it declined by its limits: {', '.join(map(str, reasons))}"
