from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.auth import Call, sign, verify
from compute_swarm.errors import AuthError, AuthMalformed, AuthStale, AuthWrongSigner
from examples import account

SIGNER = Account.from_key("0x" + "01" * 32)
NOW = 1_700_000_000.9
ORIGIN = "http://127.0.0.1:8700"
CALL = Call(ORIGIN, "POST", "/v1/bids", b"{}")
HEADER = sign(SIGNER, CALL, NOW)


def test_the_text_names_server_method_path_body_and_time():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    text = Call(ORIGIN, "get", "/v1/status", b"").text(7)
    assert text == f"compute-swarm\n{ORIGIN}\nGET\n/v1/status\n{empty}\n7"


def test_a_signed_request_names_its_signer():
    assert verify(HEADER, CALL, NOW + 60) == SIGNER.address


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://127.0.0.1:8701"},
        {"method": "PUT"},
        {"path": "/v1/bids?x"},
        {"body": b"{} "},
    ],
)
def test_a_signature_is_for_one_request(change):
    with pytest.raises(AuthWrongSigner):
        verify(HEADER, replace(CALL, **change), NOW)


def test_nobody_signs_for_another():
    _, time, signature = HEADER.split(":")
    with pytest.raises(AuthWrongSigner):
        verify(f"{account('other')}:{time}:{signature}", CALL, NOW)


@pytest.mark.parametrize("now", [NOW + 61, NOW - 61])
def test_an_old_signature_and_one_of_the_future_are_refused(now):
    with pytest.raises(AuthStale):
        verify(HEADER, CALL, now)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "::",
        "a:b:c",
        HEADER + ":",
        HEADER[:-2],
        HEADER.replace(":", " "),
        f"{SIGNER.address}:-1:0x" + "00" * 65,
        f"{SIGNER.address}:{'9' * 400}:0x" + "00" * 65,
    ],
)
def test_a_malformed_header_is_refused(header):
    with pytest.raises(AuthMalformed):
        verify(header, CALL, NOW)


@settings(max_examples=100)
@given(st.binary(min_size=65, max_size=65))
def test_any_bytes_for_a_signature_are_an_auth_error(signature):
    header = f"{SIGNER.address}:{int(NOW)}:0x{signature.hex()}"
    with pytest.raises(AuthError):
        verify(header, CALL, NOW)
