"""py-solc-x, which shares nothing with Foundry but the compiler, gives the committed bytecode."""

import shutil
from typing import Any

import pytest

from build_abi import CONTRACTS  # tools/build_abi.py
from compute_swarm.chain import artefacts
from standard_json import NPM_COMPILER, compiled, compiler


@pytest.fixture(scope="module")
def builds() -> dict[str, dict[str, Any]]:
    solc = compiler()
    if solc == NPM_COMPILER and shutil.which("node") is None:
        pytest.skip("node is not on PATH (install Node 20 or newer)")
    return compiled(solc)


def test_every_contract_of_the_protocol_is_published() -> None:
    assert {*artefacts.CONTRACTS, artefacts.DEPLOYER, artefacts.TOKEN} == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_another_tool_compiles_the_committed_bytecode(
    builds: dict[str, dict[str, Any]], name: str
) -> None:
    committed = artefacts.load(name)
    assert builds[name]["bytecode"] == "0x" + committed.bytecode.hex()
    assert builds[name]["deployedBytecode"] == "0x" + committed.deployed_bytecode.hex()
