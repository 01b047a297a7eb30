"""What the contracts' own checker finds in sources, and that it finds nothing in ours."""

import pytest

from check_contracts import (
    MOST_LINES,
    OTHERS,
    SOURCES,
    TESTS,
    code_lines,
    declarations,
    errors,
    read,
    too_few_tests,
    too_long,
    undocumented,
    without_tree,
)

PATH = "contracts/src/interfaces/IShop.sol"
SHOP = """\
/// @title Shop
contract Shop {
    /// @notice Too little was paid.
    error Shop_TooLittle(uint256 paid, uint256 price);

    /// @notice Of everything.
    mapping(address who => uint256) public stock;

    /// @param price_ Of one thing.
    constructor(uint256 price_) {
        PRICE = price_;
    }

    /// @notice Buys.
    function buy()
        external
        payable
    {
        if (msg.value < PRICE) revert Shop_TooLittle(msg.value, PRICE);
        _deliver();
    }

    function _deliver() private {
        // revert Shop_Closed();
    }
}
"""
TEST = "abi.encodeWithSelector(Shop.Shop_TooLittle.selector, 1, 2);\n"


def all_of(shop, test=TEST):
    sources, tests = {PATH: shop}, {"contracts/test/Shop.t.sol": test}
    found = (*errors(sources, tests), *undocumented(sources), *too_long(sources))
    return [sentence.partition(" ")[2] for sentence in found]


def without(line):
    assert line in SHOP
    return SHOP.replace(line, "")


def test_a_contract_that_keeps_to_the_rules_is_passed():
    assert all_of(SHOP) == []


def test_an_error_that_no_test_expects_is_told_with_its_place():
    told = list(errors({PATH: SHOP}, {"a.t.sol": f"// {TEST}"}))
    line = SHOP[: SHOP.index("revert Shop_TooLittle")].count("\n") + 1
    assert told == [f"{PATH}:{line} no test expects Shop_TooLittle"]


def test_an_error_without_arguments_says_too_little():
    shop = SHOP.replace("(uint256 paid, uint256 price)", "()")
    assert all_of(shop) == ["Shop_TooLittle has no arguments"]


def test_an_error_that_nothing_reverts_with_is_dead():
    shop = without("if (msg.value < PRICE) revert Shop_TooLittle(msg.value, PRICE);")
    assert all_of(shop) == ["nothing reverts with Shop_TooLittle"]


@pytest.mark.parametrize(
    "refusal", ['require(paid, "no")', 'revert("no")', "revert()", "assert(x)"]
)
def test_a_revert_needs_an_error_of_its_own(refusal):
    shop = SHOP.replace("_deliver();\n", f"{refusal};\n", 1)
    assert all_of(shop) == ["reverts without an error of its own"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("    /// @notice Too little was paid.\n", "Shop_TooLittle has no NatSpec"),
        ("    /// @notice Of everything.\n", "stock has no NatSpec"),
        ("    /// @notice Buys.\n", "buy has no NatSpec"),
        ("    /// @param price_ Of one thing.\n", "constructor has no @param price_"),
    ],
)
def test_what_is_seen_from_outside_is_documented(line, told):
    assert all_of(without(line)) == [told]


def test_the_constructor_of_an_abstract_contract_is_nobodys():
    shop = without("    /// @param price_ Of one thing.\n").replace(
        "contract Shop", "abstract contract Shop"
    )
    assert all_of(shop) == []


def test_a_long_function_is_told_and_one_at_the_bound_is_not():
    fill = MOST_LINES - 3
    whole = SHOP.replace("        // revert Shop_Closed();\n", "        step();\n" * (fill + 1))
    assert all_of(whole) == []
    assert all_of(whole.replace("        step();\n", "        step();\n" * 2, 1)) == [
        f"_deliver has {MOST_LINES + 1} lines"
    ]


def test_declarations_end_where_their_bodies_do():
    lengths = {one.name: one.lines for one in declarations(SHOP)}
    assert lengths["Shop"] == SHOP.count("\n") - 1
    assert (lengths["buy"], lengths["stock"], lengths["constructor"]) == (7, 1, 3)


def test_only_code_counts_where_tests_are_held_against_sources():
    assert code_lines("// a\n\n/* b\n c */\nuint256 d; // e\n") == 1
    assert list(too_few_tests({"a": "a;\n" * 2}, {"b": "b;\n" * 5})) == []
    assert list(too_few_tests({"a": "a;\n" * 2}, {"b": "b;\n" * 4 + "// b\n"})) == [
        "4 lines of tests for 2 of contracts: below 2.5 for one"
    ]


def test_a_suite_without_a_tree_is_told():
    suites = {"contracts/test/Gone.t.sol": "    function test_a() public {}\n"}
    assert list(without_tree(suites)) == ["contracts/test/Gone.t.sol has no Gone.tree beside it"]
    assert list(without_tree({"contracts/test/Gone.t.sol": "abstract contract Gone {}"})) == []


def test_our_own_contracts_keep_to_all_of_it():
    sources, tests = read(SOURCES), read(TESTS)
    others = [read(top) for top in OTHERS]
    assert all(others)
    assert list(errors(sources, tests)) == []
    assert list(undocumented(sources)) == []
    assert list(too_long(sources | tests)) == []
    assert list(without_tree(tests)) == []
    assert list(too_few_tests(sources, tests)) == []
