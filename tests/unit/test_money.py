import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.money import ETHER, ZERO, Amount, Coin, format_amount, parse_amount
from compute_swarm.errors import PriceInvalid

amounts = st.integers(0, 2**112)


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("0.05 ETH", 5 * 10**16),
        ("1eth", 10**18),
        (".5 gwei", 5 * 10**8),
        (" 12 wei ", 12),
        ("0.000000000000000001 ETH", 1),
    ],
)
def test_an_amount_is_read_in_base_units(text, wei):
    assert parse_amount(text) == wei


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "ETH",
        "-1 ETH",
        "1e3 ETH",
        "nan ETH",
        "0.5 wei",
        "1 DOGE",
        "1,5 ETH",
        "9" * 60 + " ETH",
        "9" * 5000 + " wei",
        "\u0663 ETH",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(PriceInvalid):
        parse_amount(text)


def test_a_token_brings_its_own_unit():
    assert parse_amount("1.5 USDC", {"USDC": 6}) == 1_500_000
    assert format_amount(1_500_000, "USDC", 6) == "1.5 USDC"


def test_a_coin_reads_and_writes_its_own_amounts():
    dollar = Coin("USDC", 6)
    assert dollar.parse("1.5 USDC") == 1_500_000
    assert dollar.text(1_500_000) == "1.5 USDC"
    assert ETHER.parse("2 gwei") == 2 * 10**9
    for text in ("1 ETH", "1 wei", "0.0000001 USDC"):
        with pytest.raises(PriceInvalid):
            dollar.parse(text)


@given(amounts)
def test_what_is_shown_is_read_again(wei):
    assert parse_amount(format_amount(wei)) == wei


def test_whole_amounts_have_no_point():
    assert format_amount(10**18) == "1 ETH"
    assert format_amount(-5 * 10**17) == "-0.5 ETH"
    assert format_amount(7, "wei", 0) == "7 wei"


@given(amounts, st.integers(0, 10_000))
def test_rounding_goes_the_way_the_name_says(wei, bps):
    up, down = Amount(wei).mul_bps_up(bps), Amount(wei).mul_bps_down(bps)
    assert down * 10_000 <= wei * bps <= up * 10_000
    assert up - down in (0, 1)


def test_sums_of_amounts_are_amounts():
    total = sum([Amount(1), Amount(2)], ZERO)
    assert (type(total), type(total - 1), type(total.times(3))) == (Amount, Amount, Amount)
