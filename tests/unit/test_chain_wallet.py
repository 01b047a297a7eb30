"""Keys: made once, kept encrypted, never shown."""

import copy
import pickle
import stat
from dataclasses import replace

import pytest
from eth_account import Account

from compute_swarm.chain import keystore
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import auth
from compute_swarm.domain.bid import FRESH, Bid, bid_digest
from compute_swarm.domain.ids import ZERO32, address
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.typed_data import typed_bid
from compute_swarm.errors import AuthWrongSigner, KeystoreExists, NoKey, WrongPassword

KEY = bytes(range(1, 33))
ROUNDS = 2  # scrypt as weak as it goes: these are tests
MARKET = address("0x" + "11" * 20)


def test_a_wallet_never_shows_its_key():
    wallet = Wallet.from_key(KEY)
    shown = repr(wallet) + str(wallet) + f"{wallet}" + repr(vars(wallet))
    assert KEY.hex() not in shown
    assert wallet.address in shown


def test_a_wallet_is_not_pickled_nor_copied():
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(Wallet.from_key(KEY))


def test_a_created_wallet_opens_again_with_its_password(tmp_path):
    path = tmp_path / "keys" / "seller.json"
    made = Wallet.create(path, "secret", ROUNDS)
    assert Wallet.load(path, "secret").address == made.address


def test_a_keystore_is_its_owners_alone_and_holds_no_plain_key(tmp_path):
    path = tmp_path / "key.json"
    keystore.write(path, KEY, "secret", ROUNDS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KEY.hex() not in path.read_text()


def test_a_keystore_is_never_overwritten(tmp_path):
    path = tmp_path / "key.json"
    made = Wallet.create(path, "secret", ROUNDS)
    with pytest.raises(KeystoreExists):
        Wallet.create(path, "other", ROUNDS)
    assert Wallet.load(path, "secret").address == made.address


def test_a_wrong_password_is_told_from_a_missing_key(tmp_path):
    path = tmp_path / "key.json"
    Wallet.create(path, "secret", ROUNDS)
    with pytest.raises(WrongPassword):
        Wallet.load(path, "wrong")
    with pytest.raises(NoKey):
        Wallet.load(tmp_path / "none.json", "secret")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"crypto": 1}', "no json"])
def test_what_is_no_keystore_is_no_key(tmp_path, content):
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(NoKey):
        Wallet.load(path, "secret")


def test_the_environment_names_a_key():
    wallet = Wallet.from_env({"SWARM_PRIVATE_KEY": "0x" + KEY.hex()})
    assert wallet.address == Account.from_key(KEY).address


def test_the_environment_names_a_keystore_and_the_file_of_its_password(tmp_path):
    made = Wallet.create(tmp_path / "key.json", "secret", ROUNDS)
    (tmp_path / "password").write_text("secret\n")
    environment = {
        "SWARM_KEYSTORE": str(tmp_path / "key.json"),
        "SWARM_PASSWORD_FILE": str(tmp_path / "password"),
    }
    assert Wallet.from_env(environment).address == made.address


@pytest.mark.parametrize("key", ["", "0x12", "zz" * 32, "secret words"])
def test_a_bad_key_is_refused_without_being_quoted(key):
    with pytest.raises(NoKey) as refused:
        Wallet.from_env({"SWARM_PRIVATE_KEY": key})
    assert not key or key not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_typed_signature_recovers_to_the_signer():
    wallet = Wallet.from_key(KEY)
    trials = pack_trials([TrialKey(0, 0)])
    bid = Bid(ZERO32, wallet.address, trials, 0, 24, Amount(1), FRESH, 10, 9, 0)
    signature = wallet.sign_typed(typed_bid(31337, MARKET, bid))
    digest = bid_digest(31337, MARKET, bid)
    assert Account._recover_hash(digest, signature=signature) == wallet.address


def test_a_request_is_signed_for_its_path_and_body():
    wallet = Wallet.from_key(KEY)
    call = auth.Call("http://127.0.0.1:8700", "POST", "/v1/bids", b"{}")
    header = wallet.auth_header(call, now=1_000)
    assert auth.verify(header, call, 1_010) == wallet.address
    with pytest.raises(AuthWrongSigner):
        auth.verify(header, replace(call, body=b"{ }"), 1_010)
