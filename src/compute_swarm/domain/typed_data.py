"""EIP-712 messages as wallets take them; whole numbers as decimal strings, bytes as 0x."""

from collections.abc import Mapping
from typing import Any, Final

from eth_account.messages import encode_typed_data

from compute_swarm.domain.bid import BID_TYPE, Bid
from compute_swarm.domain.ids import Address, AwardId, Digest, hex32, keccak
from compute_swarm.domain.session import Opening, Spend
from compute_swarm.domain.verdict import Verdict, Vote

DOMAIN: Final = {"name": "compute-swarm", "version": "1"}

RESULT_TYPE: Final = "Result(bytes32 awardId,bytes32 root,uint32 done)"
VERDICT_TYPE: Final = "Verdict(bytes32 commitId,uint8 share,bytes answers,bytes32 evidence)"
VOTE_TYPE: Final = "Vote(bytes32 disputeId,uint8 round,uint8 outcome)"
OPENING_TYPE: Final = "Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)"
SPEND_TYPE: Final = "Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)"

_DOMAIN_FIELDS: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def typed_bid(chain_id: int, market: Address, bid: Bid) -> dict[str, Any]:
    return _typed(chain_id, market, BID_TYPE, bid.abi())


def typed_result(
    chain_id: int, market: Address, award_id: AwardId, root: Digest, done: int
) -> dict[str, Any]:
    return _typed(chain_id, market, RESULT_TYPE, (award_id, root, done))


def typed_verdict(chain_id: int, court: Address, verdict: Verdict) -> dict[str, Any]:
    values = (verdict.commit_id, verdict.share, verdict.answers, verdict.evidence)
    return _typed(chain_id, court, VERDICT_TYPE, values)


def typed_vote(chain_id: int, court: Address, vote: Vote) -> dict[str, Any]:
    values = (vote.dispute_id, vote.round, int(vote.outcome))
    return _typed(chain_id, court, VOTE_TYPE, values)


def typed_opening(chain_id: int, sessions: Address, opening: Opening) -> dict[str, Any]:
    values = (opening.session_id, opening.awards, opening.least_trials)
    return _typed(chain_id, sessions, OPENING_TYPE, values)


def typed_spend(chain_id: int, sessions: Address, spend: Spend) -> dict[str, Any]:
    values = (spend.session_id, spend.number, spend.awards, spend.least_trials)
    return _typed(chain_id, sessions, SPEND_TYPE, values)


def digest(typed: Mapping[str, Any]) -> Digest:
    """What is signed: keccak(0x1901 ‖ domain separator ‖ struct hash)."""
    message = encode_typed_data(full_message=dict(typed))
    return Digest(keccak(b"\x19" + message.version + message.header + message.body))


def struct_hash(typed: Mapping[str, Any]) -> Digest:
    """The message's own part of it, by which the court and the oversight know a verdict."""
    return Digest(bytes(encode_typed_data(full_message=dict(typed)).body))


def _typed(
    chain_id: int, contract: Address, type_string: str, values: tuple[Any, ...]
) -> dict[str, Any]:
    name, fields = _parse(type_string)
    message = {f["name"]: _json(value) for f, value in zip(fields, values, strict=True)}
    return {
        "types": {"EIP712Domain": _DOMAIN_FIELDS, name: fields},
        "primaryType": name,
        "domain": {**DOMAIN, "chainId": chain_id, "verifyingContract": contract},
        "message": message,
    }


def _parse(type_string: str) -> tuple[str, list[dict[str, str]]]:
    """Split the type string, so that the types are written once."""
    name, inner = type_string.removesuffix(")").split("(")
    pairs = [field.split(" ") for field in inner.split(",")]
    return name, [{"name": field, "type": kind} for kind, field in pairs]


def _json(value: object) -> object:
    match value:
        case bytes():
            return hex32(value)
        case bool():
            return value
        case int():
            return str(value)
        case _:
            return value
