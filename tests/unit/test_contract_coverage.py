"""What `make coverage` makes of forge's report; forge itself is no part of it."""

from contract_coverage import never_run, shortfalls, table

HEAD = """\
Ran 3 tests for contracts/test/Deal.t.sol:DealTest
[PASS] test_a_deal() (gas: 1)
╭----------+-----------------+---------------+---------------+---------------╮
| File     | % Lines         | % Statements  | % Branches    | % Funcs       |
+============================================================================+
"""
WHOLE = "| Deal.sol | 100.00% (68/68) | 100.00% (9/9) | 100.00% (0/0) | 100.00% (1/1) |\n"
PART = "| Bond.sol | 95.00% (19/20)  | 100.00% (9/9) | 50.00% (1/2)  | 100.00% (1/1) |\n"
FOOT = "╰----------+-----------------+---------------+---------------+---------------╯\n"


def test_a_report_that_is_full_lacks_nothing():
    assert shortfalls(HEAD + WHOLE + FOOT) == []


def test_each_figure_that_is_not_full_is_told():
    assert shortfalls(HEAD + WHOLE + PART + FOOT) == [
        "Bond.sol: 19 of 20 lines",
        "Bond.sol: 1 of 2 branches",
    ]


def test_a_report_without_a_table_is_not_full():
    assert shortfalls("Ran 3 tests\n") == ["forge printed no table of coverage."]


def test_the_table_is_shown_without_the_tests():
    assert table(HEAD + WHOLE + FOOT).splitlines()[0].startswith("╭")
    assert "PASS" not in table(HEAD + WHOLE + FOOT)


def test_what_never_ran_is_told_by_its_place():
    one = ("SF:a.sol", "DA:3,7", "DA:4,0", "BRDA:5,0,0,2", "BRDA:6,0,0,-", "end_of_record")
    trace = "\n".join((*one, "SF:b.sol", "DA:9,0"))
    assert list(never_run(trace)) == [
        "a.sol:4 never runs",
        "a.sol:6 never branches this way",
        "b.sol:9 never runs",
    ]
