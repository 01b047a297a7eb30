import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.auth import sign, text, verify
from compute_swarm.errors import AuthError, AuthMalformed, AuthStale, AuthWrongSigner
from examples import account

SIGNER = Account.from_key("0x" + "01" * 32)
NOW = 1_700_000_000.9
HEADER = sign(SIGNER, "POST", "/v1/bids", b"{}", NOW)


def test_the_text_names_method_path_body_and_time():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert text("get", "/v1/status", b"", 7) == f"compute-swarm\nGET\n/v1/status\n{empty}\n7"


def test_a_signed_request_names_its_signer():
    assert verify(HEADER, "POST", "/v1/bids", b"{}", NOW + 60) == SIGNER.address


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", "/v1/bids", b"{}"), ("POST", "/v1/bids?x", b"{}"), ("POST", "/v1/bids", b"{} ")],
)
def test_a_signature_is_for_one_request(method, path, body):
    with pytest.raises(AuthWrongSigner):
        verify(HEADER, method, path, body, NOW)


def test_nobody_signs_for_another():
    _, time, signature = HEADER.split(":")
    with pytest.raises(AuthWrongSigner):
        verify(f"{account('other')}:{time}:{signature}", "POST", "/v1/bids", b"{}", NOW)


@pytest.mark.parametrize("now", [NOW + 61, NOW - 61])
def test_an_old_signature_and_one_of_the_future_are_refused(now):
    with pytest.raises(AuthStale):
        verify(HEADER, "POST", "/v1/bids", b"{}", now)


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
        verify(header, "POST", "/v1/bids", b"{}", NOW)


@settings(max_examples=100)
@given(st.binary(min_size=65, max_size=65))
def test_any_bytes_for_a_signature_are_an_auth_error(signature):
    header = f"{SIGNER.address}:{int(NOW)}:0x{signature.hex()}"
    with pytest.raises(AuthError):
        verify(header, "POST", "/v1/bids", b"{}", NOW)
