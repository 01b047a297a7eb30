// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedVerdict} from "../../../src/types/Types.sol";
import {Seats} from "./Seats.sol";

/// @notice What was said about awards, and what the rules make of it.
abstract contract Hearing is Seats {
    /// @dev Verdicts that a settlement brings along.
    /// @param heard The answers that count, a list a share.
    struct Brought {
        SignedVerdict[] verdicts;
        bytes[] heard;
        bool good;
    }

    /// @dev What answers have against an award: items that they name, refute without naming, or call
    /// unavailable.
    /// @param item The one that they name, else the first that is unavailable.
    struct Finding {
        uint256 named;
        uint256 refuted;
        uint256 unavailable;
        uint256 item;
    }

    function _spoke(Scene memory s, uint256 share, uint256 seat) internal view returns (bool) {
        return words[s.d.commitId][share][seat].length != 0;
    }

    function _word(Scene memory s, uint256 share, uint256 seat)
        internal
        view
        returns (SignedVerdict memory)
    {
        return abi.decode(words[s.d.commitId][share][seat], (SignedVerdict));
    }

    function _wellFormed(Scene memory s, uint256 share, bytes memory answers)
        internal
        pure
        returns (bool)
    {
        uint256 size = s.d.sizes[share];
        if (answers.length == 1 && answers[0] == 0xff) return size != 0;
        // What one byte can say must be said so.
        if (size != 0 && keccak256(answers) == keccak256(_answers(size, 5))) return false;
        if (answers.length != (size + 1) / 2) return false;
        for (uint256 place; place < size; ++place) {
            if (_nibble(answers, place) > 7) return false;
        }
        return size % 2 == 0 || _nibble(answers, size) == 0;
    }

    function _find(Scene memory s, uint256 index, uint256 share, bytes memory answers)
        internal
        pure
        returns (Finding memory finding)
    {
        uint256[] memory list = _list(s.d, share);
        uint256[] memory places = _placesOf(s, index, share);
        for (uint256 i; i < places.length; ++i) {
            uint256 outcome = _nibble(answers, places[i]) & 3;
            if (outcome == 3 && finding.named++ == 0) finding.item = list[places[i]];
            if (outcome == 2) ++finding.refuted;
            bool first = outcome == 0 && finding.unavailable++ == 0 && finding.named == 0;
            if (first) finding.item = list[places[i]];
        }
    }

    // --- what upholds an award ---

    /// @dev Whether answers uphold all that they say about an award.
    function _upholds(Scene memory s, uint256 index, uint256 share, bytes memory answers)
        private
        pure
        returns (bool)
    {
        uint256[] memory places = _placesOf(s, index, share);
        for (uint256 i; i < places.length; ++i) {
            if (_nibble(answers, places[i]) & 3 != 1) return false;
        }
        return true;
    }

    function _allUpheld(Scene memory s, uint256 share, bytes memory answers)
        private
        pure
        returns (bool)
    {
        for (uint256 i; i < s.d.sizes[share]; ++i) {
            if (_nibble(answers, i) & 3 != 1) return false;
        }
        return true;
    }

    /// @dev The first two substitutes whose posted verdicts uphold an award; one twice if the turns are over.
    function _pair(Scene memory s, uint256 index, uint256 share)
        internal
        view
        returns (address first, address second)
    {
        for (uint256 seat = 1; seat <= 6; ++seat) {
            if (!_spoke(s, share, seat)) continue;
            if (!_upholds(s, index, share, _word(s, share, seat).answers)) continue;
            if (first != address(0)) return (first, _holder(s, share, seat));
            first = _holder(s, share, seat);
        }
        uint256 since = summonedAt[s.d.commitId][share];
        bool over = since != 0 && nowTime > since + JUDGE_TIME + 3 * VERDICT_TIME;
        return over ? (first, first) : (address(0), address(0));
    }

    /// @dev Whether two substitutes upheld all of a share.
    function _twoUphold(Scene memory s, uint256 share) internal view returns (bool) {
        uint256 count;
        for (uint256 seat = 1; seat <= 6; ++seat) {
            if (_spoke(s, share, seat) && _allUpheld(s, share, _word(s, share, seat).answers)) {
                ++count;
            }
        }
        return count >= 2;
    }

    /// @dev What the shares say of an award.
    /// @param heard The answers brought along, a list a share; empty where none were.
    function _ruling(Scene memory s, uint256 index, bytes[] memory heard)
        internal
        view
        returns (Ruling memory ruling)
    {
        (ruling.by, ruling.counts) = (new By[](s.d.shares), new uint256[](s.d.shares));
        ruling.upheld = true;
        bytes32 id = s.commit.awards[index].award.id;
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 count = _placesOf(s, index, share).length;
            if (count == 0) continue;
            (ruling.counts[share], ruling.answers) = (count, ruling.answers + count);
            bool silent = heard[share].length == 0;
            (address first,) = _pair(s, index, share);
            if (!silent && _upholds(s, index, share, heard[share])) ruling.by[share] = By.JUDGE;
            else if (silent && first != address(0)) ruling.by[share] = By.PAIR;
            else if (clearedFor[id] >> share & 1 == 1) ruling.by[share] = By.PANEL;
            else ruling.upheld = false;
        }
    }

    /// @dev Whether a share of an award was called on and not answered in time.
    function _ranOut(Scene memory s, uint256 index) internal view returns (bool) {
        bytes32 id = s.commit.awards[index].award.id;
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 since = summonedAt[s.d.commitId][share];
            if (since == 0 || nowTime <= since + JUDGE_TIME + 3 * VERDICT_TIME) continue;
            if (_placesOf(s, index, share).length == 0 || _spoke(s, share, 0)) continue;
            (address first,) = _pair(s, index, share);
            if (first == address(0) && clearedFor[id] >> share & 1 == 0) return true;
        }
        return false;
    }

    /// @dev Whether a share answers for an award, and the award is open.
    function _concerns(Scene memory s, uint256 index, uint256 share) internal view returns (bool) {
        bool open = _isOpen(made[_madeAt(s, index)].status);
        return open && _placesOf(s, index, share).length != 0;
    }
}
