// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../../../src/interfaces/IValidatorSet.sol";
import {Commit} from "../../../src/types/Types.sol";
import {Store} from "./Store.sol";

/// @notice What a commit's shares are about, and who was drawn to judge them.
abstract contract Seats is Store {
    function _scene(uint256 round) internal view returns (Scene memory s) {
        s.round = round;
        s.sweep = plans[rounds[round].plan];
        s.commit = abi.decode(rounds[round].commit, (Commit));
        s.d = market.docket(s.sweep, s.commit);
        s.set = validators.setAt(s.commit.time);
    }

    function _madeAt(Scene memory s, uint256 index) internal view returns (uint256) {
        return placeOf[s.commit.awards[index].award.id] - 1;
    }

    /// @dev The places in a share's list of what it answers about an award.
    function _placesOf(Scene memory s, uint256 index, uint256 share)
        internal
        pure
        returns (uint256[] memory places)
    {
        uint256[] memory list = _list(s.d, share);
        places = new uint256[](list.length);
        uint256 count;
        for (uint256 i; i < list.length; ++i) {
            if (_indexOf(s.d, list[i]) == index) places[count++] = i;
        }
        assembly ("memory-safe") {
            mstore(places, count)
        }
    }

    // --- who sits where ---

    /// @dev Who a draw falls on: a walk over the bonds of those who may judge the commit.
    function _drawn(Scene memory s, uint256 draw, address skip) private pure returns (address) {
        uint256 total;
        for (uint256 i; i < s.set.length; ++i) {
            if (_mayJudge(s, s.set[i], skip)) total += s.set[i].bond;
        }
        if (total == 0) return address(0);
        uint256 left = draw % total;
        for (uint256 i; i < s.set.length; ++i) {
            if (!_mayJudge(s, s.set[i], skip)) continue;
            if (left < s.set[i].bond) return s.set[i].validator;
            left -= s.set[i].bond;
        }
        return address(0);
    }

    function _mayJudge(Scene memory s, IValidatorSet.Entry memory entry, address skip)
        private
        pure
        returns (bool)
    {
        if (entry.vramGib < s.sweep.terms.vramGib || entry.validator == skip) return false;
        if (entry.validator == s.sweep.buyer) return false;
        for (uint256 i; i < s.commit.awards.length; ++i) {
            if (entry.validator == s.commit.awards[i].award.seller) return false;
        }
        return true;
    }

    /// @dev Seat 0 is the judge.
    function _holder(Scene memory s, uint256 share, uint256 seat) internal pure returns (address) {
        address judge = _drawn(s, _draw(s.d.seed, 3, bytes32(share), 0), address(0));
        return seat == 0 ? judge : _drawn(s, _draw(s.d.seed, 3, bytes32(share), seat), judge);
    }

    /// @dev All zeros while the panel's seed is unknown.
    function _panelFor(Scene memory s, Case memory c)
        internal
        view
        returns (address[] memory seats)
    {
        seats = new address[](3);
        bytes32 entropy = randomness.entropy(c.height, c.time);
        if (entropy == 0) return seats;
        bytes32 seed = keccak256(abi.encode(entropy, c.id));
        for (uint256 i; i < seats.length; ++i) {
            seats[i] = _drawn(s, _draw(seed, 4, 0, i), c.accuser);
        }
    }
}
