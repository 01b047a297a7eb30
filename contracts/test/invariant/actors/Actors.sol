// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, Sweep, Terms} from "../../../src/types/Types.sol";
import {Witness} from "./Witness.sol";

/// @notice Who there is, chance, the clock, and the one way in which anybody calls a contract.
abstract contract Actors is Witness {
    address[] internal buyers;
    address[] internal relayers;
    address[] internal ascending; // The sellers.
    address internal outsider;
    address internal key;
    uint256 internal steps;

    /// @dev How often a call went through.
    mapping(bytes4 selector => uint256) internal passed;
    /// @dev How often a call that the rules forbid was refused.
    mapping(bytes4 selector => uint256) internal refused;

    uint256 private _dice;

    modifier step(uint256 seed) {
        vm.warp(nowTime);
        vm.roll(height);
        _dice = uint256(keccak256(abi.encode(seed, ++steps)));
        _;
    }

    function _open() internal {
        setUp();
        (outsider, key) = (_actor("outsider"), _actor("key"));
        (buyers, relayers) = (new address[](2), new address[](2));
        (buyers[0], buyers[1]) = (buyer, _actor("buyer1"));
        (relayers[0], relayers[1]) = (relayer, _actor("relayer1"));
        _admit(buyers);
        _admit(relayers);
        _admit(sellers);
        _admit(judges);
        people.push(outsider);
        people.push(BURN);
        for (uint256 i; i < sellers.length; ++i) {
            free[NATIVE][sellers[i]] = 10 ether;
            _endow(sellers[i], address(dollar), 5e9);
            _sort(sellers[i]);
        }
        for (uint256 i; i < buyers.length; ++i) {
            _endow(buyers[i], NATIVE, 10 ether);
            _endow(buyers[i], address(dollar), 5e9);
        }
        for (uint256 i; i < judges.length; ++i) {
            bonded[judges[i]] = LEAST_BOND;
        }
        for (uint256 i; i < 8; ++i) {
            (address token, uint16 perTrial) = (i & 2 == 0 ? NATIVE : address(dollar), S);
            if (i & 4 != 0) perTrial = 24;
            Terms memory terms = Terms(token, perTrial, VERDICT_TIME, i & 4 == 0 ? 16 : 24);
            plans.push(Sweep(buyers[i & 1], keccak256(abi.encode("spec", i >> 2)), terms));
        }
    }

    function _admit(address[] memory list) private {
        for (uint256 i; i < list.length; ++i) {
            people.push(list[i]);
        }
    }

    function _endow(address who, address token, uint256 amount) private {
        _deposit(who, token, amount);
        free[token][who] += amount;
    }

    function _sort(address who) private {
        ascending.push(who);
        for (uint256 i = ascending.length - 1; i > 0 && ascending[i - 1] > who; --i) {
            (ascending[i], ascending[i - 1]) = (ascending[i - 1], who);
        }
    }

    // --- chance ---

    function _throw(uint256 sides) internal returns (uint256) {
        _dice = uint256(keccak256(abi.encode(_dice)));
        return _dice % sides;
    }

    /// @dev Once in so many times.
    function _once(uint256 times) internal returns (bool) {
        return _throw(times) == 0;
    }

    function _anyOf(address[] memory list) internal returns (address) {
        return list[_throw(list.length)];
    }

    /// @dev Anybody but who nobody is.
    function _anyone() internal returns (address) {
        return people[_throw(people.length - 1)];
    }

    /// @dev Mostly one of the people who has some of what is told, if there is one.
    function _anyWith(mapping(address who => uint256) storage amounts)
        internal
        returns (address who)
    {
        uint256 i = _throw(people.length - 1);
        bool heedless = _once(4);
        for (uint256 n; n < people.length - 1 && amounts[people[i]] == 0 && !heedless; ++n) {
            i = (i + 1) % (people.length - 1);
        }
        return people[i];
    }

    function _anyToken() internal returns (address) {
        return _once(2) ? NATIVE : address(dollar);
    }

    /// @dev Mostly one of that status, if there is any.
    function _madeThat(AwardStatus status) internal returns (uint256 i) {
        i = _throw(made.length);
        if (_once(12)) return i;
        for (uint256 n; n < made.length && made[i].status != status; ++n) {
            i = (i + 1) % made.length;
        }
    }

    // --- time ---

    /// @dev Half of those who come too early wait, some of them not quite long enough.
    function _await(uint256 moment) internal {
        if (moment <= nowTime || !_once(2)) return;
        uint256 time = moment - nowTime;
        _go(_once(3) ? time - 1 : time, 3);
    }

    function _go(uint256 time, uint256 blocks) internal {
        (nowTime, height) = (nowTime + time, height + blocks);
        vm.warp(nowTime);
        vm.roll(height);
    }

    // --- calls ---

    /// @dev What the rules allow must go through, everything else must be refused.
    function _call(address sender, address target, uint256 value, bytes memory data, bool fair)
        internal
    {
        vm.deal(sender, sender.balance + value);
        vm.recordLogs();
        vm.prank(sender);
        (bool done, bytes memory why) = target.call{value: value}(data);
        // What a refused call would have told is recorded too.
        if (done) _heed();
        if (done) ++passed[bytes4(data)];
        else ++refused[bytes4(data)];
        if (done && !fair) _tick("let through");
        if (done || !fair) return;
        assembly ("memory-safe") {
            revert(add(why, 32), mload(why))
        }
    }

    function _toMarket(address sender, bytes memory data, bool fair) internal {
        _call(sender, address(market), 0, data, fair);
    }
}
