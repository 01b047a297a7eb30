import pytest

from compute_swarm.domain.ids import (
    NATIVE,
    abi_hash,
    address,
    hex32,
    keccak,
    parse_hex,
    sha256,
)
from compute_swarm.errors import AddressInvalid, DocumentInvalid


def test_keccak_is_ethereums():
    assert keccak(b"").hex().startswith("c5d2460186f7233c")
    assert sha256(b"").hex().startswith("e3b0c44298fc1c14")


def test_abi_hash_is_of_whole_words():
    assert abi_hash(["uint256"], [1]) == keccak((1).to_bytes(32, "big"))


def test_an_address_is_checksummed():
    lower = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    assert address(lower) == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert NATIVE == "0x" + "00" * 20


@pytest.mark.parametrize("text", ["", "0x12", "5aaeb", None, 12, "0x" + "zz" * 20])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(AddressInvalid):
        address(text)


def test_hex_goes_there_and_back():
    assert parse_hex(hex32(bytes(range(32))), 32) == bytes(range(32))
    assert parse_hex("0x") == b""


@pytest.mark.parametrize(
    "text", ["", "00", "0x0", "0x 00", "0xzz", "0x\n", None, 7, "0x\u0660\u0660"]
)
def test_what_is_no_hex_is_refused(text):
    with pytest.raises(DocumentInvalid):
        parse_hex(text)


def test_a_digest_of_the_wrong_length_is_refused():
    with pytest.raises(DocumentInvalid, match="32 bytes"):
        parse_hex("0x00", 32)
