from eth_account import Account
from eth_account.messages import encode_defunct

from compute_swarm.domain.signature import signer

KEY = Account.from_key(b"\1" * 32)
MESSAGE = encode_defunct(text="once upon a time")
SIGNATURE = bytes(KEY.sign_message(MESSAGE).signature)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_a_signature_names_its_signer():
    assert signer(MESSAGE, SIGNATURE) == KEY.address


def test_what_only_libraries_take_is_nobodys():
    r, s, v = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:64], "big"), SIGNATURE[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    assert Account.recover_message(MESSAGE, signature=high) == KEY.address
    for other in (high, SIGNATURE[:64] + bytes([v - 27]), SIGNATURE[:64], SIGNATURE + b"\0", b""):
        assert signer(MESSAGE, other) is None
