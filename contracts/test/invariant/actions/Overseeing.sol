// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedVerdict} from "../../../src/types/Types.sol";
import {Judging} from "./Judging.sol";

/// @notice Words that a validator is held to, its own or not.
abstract contract Overseeing is Judging {
    mapping(bytes32 faultId => bool) internal punished;

    /// @dev A verdict on a share: posted, or signed by its judge or any other validator, or by somebody else in
    /// a validator's name.
    function _anyWord(Scene memory s, uint256 share)
        internal
        returns (SignedVerdict memory verdict, address judge, bool said)
    {
        judge = _holder(s, share, 0);
        if (_spoke(s, share, 0) && _once(2)) {
            verdict = _word(s, share, 0);
            verdict.signature = "";
            return (verdict, judge, true);
        }
        if (judge == address(0) || _once(4)) judge = _anyOf(judges);
        address signer = _once(10) ? outsider : judge;
        bytes memory answers = _once(4) ? _randomAnswers(s, share) : _answers(s.d.sizes[share], 5);
        verdict = _say(s, share, answers, signer);
        return (verdict, judge, signer == judge);
    }

    /// @dev Whether a verdict was posted for a seat of the judge's, which makes it its word without a signature.
    function _wasPosted(Scene memory s, SignedVerdict memory verdict, address judge)
        internal
        view
        returns (bool)
    {
        bytes32 hash = _verdictHash(s.d.commitId, verdict);
        for (uint256 seat; seat <= 6; ++seat) {
            if (!_spoke(s, verdict.share, seat)) continue;
            bool same = _verdictHash(s.d.commitId, _word(s, verdict.share, seat)) == hash;
            if (same && _holder(s, verdict.share, seat) == judge) return true;
        }
        return false;
    }

    function _rightLength(bytes memory answers, uint256 size) internal pure returns (bool) {
        if (answers.length == 1 && answers[0] == 0xff) return size != 0;
        if (answers.length != (size + 1) / 2) return false;
        return size % 2 == 0 || _nibble(answers, size) == 0;
    }
}
