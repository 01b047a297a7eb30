import pytest
from eth_abi.abi import encode

from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.merkle import merkle_proof
from compute_swarm.domain.oversight import Preimage, demand_id
from examples import account, digest, receipt, vectors

WORDS = "bytes32,bytes32,uint256,uint256,uint256,bytes32,bytes32,bytes32"
LEAF = f"(bytes32,address,uint256,uint256,{WORDS})"
PREIMAGE = f"(bytes32,bytes32,bytes32,uint256,bytes32[],uint64,bytes32,bytes32[],{LEAF},bytes32[])"


@pytest.mark.parametrize("case", vectors("ids", "demands"))
def test_demand_ids(case):
    assert demand_id(case["verdict"], case["judge"], case["item"]) == case["id"]


def test_a_demand_is_about_one_word_of_one_judge():
    ids = {
        demand_id(digest("verdict"), account("judge"), 3),
        demand_id(digest("other"), account("judge"), 3),
        demand_id(digest("verdict"), account("other"), 3),
        demand_id(digest("verdict"), account("judge"), 4),
    }
    assert len(ids) == 4


def test_a_preimage_encodes_as_the_contracts_struct():
    some = receipt()
    leaves = [boundary.leaf() for boundary in some.boundaries]
    preimage = Preimage(
        hashes=StateHashes(digest("w"), digest("m"), digest("v")),
        step=60,
        evidence=(),
        loss_bits=2**63,
        eval_hash=digest("evaluation"),
        boundary=merkle_proof(leaves, 2),
        trial=some.trial_leaf(),
        result=(digest("sibling"),),
    )
    assert len(encode([PREIMAGE], [preimage.abi()])) % 32 == 0
