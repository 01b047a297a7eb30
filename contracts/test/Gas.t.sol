// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, Commit, Offer, SignedVerdict, Submission, Sweep} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @notice What a sweep's happy path costs, all three transactions and all verdicts included. Run with
/// `--isolate -vv`: each call is then a transaction of its own, calldata and the 21,000 counted.
contract GasTest is Fixture {
    /// @dev In the long run every payee has an account with something in it.
    function setUp() public override {
        super.setUp();
        for (uint256 i = sellers.length; i < 10; ++i) {
            sellers.push(_actor(string.concat("seller", vm.toString(i))));
            _deposit(sellers[i], NATIVE, 10 ether);
        }
        for (uint256 i; i < judges.length; ++i) {
            _deposit(judges[i], NATIVE, 1);
        }
        _deposit(buyer, NATIVE, 1);
    }

    function test_gas_of_50_trials_by_5_sellers() public {
        _report("first 50/5", 50, 5);
        vm.assertLe(_report("50/5", 50, 5), 550_000);
    }

    function test_gas_of_50_trials_by_1_seller() public {
        _report("first 50/1", 50, 1);
        vm.assertLe(_report("50/1", 50, 1), 235_000);
    }

    function test_gas_of_500_trials_by_10_sellers() public {
        _report("first 500/10", 500, 10);
        vm.assertLe(_report("500/10", 500, 10), 943_000);
    }

    function test_gas_of_500_trials_by_1_seller() public {
        _report("first 500/1", 500, 1);
        vm.assertLe(_report("500/1", 500, 1), 239_500);
    }

    function _report(string memory name, uint256 trials, uint256 count)
        private
        returns (uint256 total)
    {
        Sweep memory sweep = _sweep();
        sweep.specHash = keccak256(bytes(name));
        Offer[] memory offers = _offers(sweep, trials, count);
        Award[] memory awards = _award(sweep, offers);
        total += _used(name, "award");

        _pass(60);
        Submission[] memory submissions = _submissions(awards);
        Commit memory commit = _commit(sweep, submissions);
        total += _used(name, "commit");

        _mine(3);
        _pass(16);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        vm.prank(relayer);
        market.settle(sweep, commit, verdicts);
        total += _used(name, "settle");
        emit log_named_uint(string.concat(name, " total"), total);
    }

    function _used(string memory name, string memory step) private returns (uint256 gas) {
        gas = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(string.concat(name, " ", step), gas);
    }
}
