import json

import pytest

from compute_swarm.domain.ids import (
    AwardId,
    CommitId,
    DisputeId,
    abi_hash,
    domain_separator,
    eip712_digest,
    keccak,
)
from compute_swarm.domain.typed_data import (
    DOMAIN,
    RESULT_TYPE,
    VERDICT_TYPE,
    VOTE_TYPE,
    digest,
    struct_hash,
    typed_bid,
    typed_result,
    typed_verdict,
    typed_vote,
)
from compute_swarm.domain.verdict import Outcome, Verdict, Vote
from examples import CHAIN_ID, MARKET, account, bid
from examples import digest as some_digest

VERDICT = Verdict(CommitId(some_digest("commit")), 2, b"\x51\x50", some_digest("evidence"))
VOTE = Vote(DisputeId(some_digest("dispute")), 1, Outcome.REFUTED)


def by_hand(type_string, types, values):
    struct = abi_hash(["bytes32", *types], [keccak(type_string.encode()), *values])
    return eip712_digest(domain_separator(CHAIN_ID, MARKET), struct)


def test_a_result_is_signed_over_award_root_and_count():
    award_id, root = AwardId(some_digest("award")), some_digest("root")
    want = by_hand(RESULT_TYPE, ["bytes32", "bytes32", "uint32"], [award_id, root, 64])
    assert digest(typed_result(CHAIN_ID, MARKET, award_id, root, 64)) == want


def test_a_verdict_is_signed_over_its_answers_hash():
    values = [VERDICT.commit_id, 2, keccak(VERDICT.answers), VERDICT.evidence]
    want = by_hand(VERDICT_TYPE, ["bytes32", "uint8", "bytes32", "bytes32"], values)
    assert digest(typed_verdict(CHAIN_ID, MARKET, VERDICT)) == want


def test_a_verdicts_struct_hash_is_the_same_on_every_chain():
    types = ["bytes32", "bytes32", "uint8", "bytes32", "bytes32"]
    values = [VERDICT.commit_id, 2, keccak(VERDICT.answers), VERDICT.evidence]
    want = abi_hash(types, [keccak(VERDICT_TYPE.encode()), *values])
    assert struct_hash(typed_verdict(CHAIN_ID, MARKET, VERDICT)) == want
    assert struct_hash(typed_verdict(1, account("other"), VERDICT)) == want


def test_a_vote_is_signed_over_its_dispute():
    want = by_hand(VOTE_TYPE, ["bytes32", "uint8", "uint8"], [VOTE.dispute_id, 1, 2])
    assert digest(typed_vote(CHAIN_ID, MARKET, VOTE)) == want


@pytest.mark.parametrize(("chain_id", "contract"), [(1, MARKET), (CHAIN_ID, account("other"))])
def test_a_signature_is_for_one_chain_and_contract(chain_id, contract):
    assert digest(typed_vote(chain_id, contract, VOTE)) != digest(
        typed_vote(CHAIN_ID, MARKET, VOTE)
    )


def test_a_browser_wallet_gets_json_without_large_numbers():
    typed = typed_bid(CHAIN_ID, MARKET, bid(price=2**100))
    assert json.loads(json.dumps(typed)) == typed
    assert typed["message"]["price"] == str(2**100)
    assert typed["domain"] == {**DOMAIN, "chainId": CHAIN_ID, "verifyingContract": MARKET}
