// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, AwardStatus, Commit, Posted, Submission} from "../../../src/types/Types.sol";
import {Awarding} from "./Awarding.sol";
import {Work} from "../actors/Work.sol";

/// @notice Relayers bring results, good, bad and late.
abstract contract Committing is Awarding, Work {
    struct Delivery {
        uint256 plan;
        Submission[] submissions;
        Posted[] posted; // Of those that are taken.
        bool fair;
    }

    function commit(uint256 seed) external step(seed) {
        _commitSome();
    }

    function _commitSome() internal {
        if (!_waits() && !_once(10)) return _awardSome();
        if (made.length == 0) return;
        Delivery memory delivery = _deliver();
        address sender = _once(3) ? _anyone() : _anyOf(relayers);
        bytes memory data =
            abi.encodeCall(market.commit, (plans[delivery.plan], delivery.submissions));
        _toMarket(sender, data, delivery.fair);
        if (delivery.fair) _noteDelivery(delivery, sender);
        _go(0, 1 + _throw(4));
    }

    /// @dev Whether a result of some award may still come.
    function _waits() private view returns (bool) {
        for (uint256 i; i < made.length; ++i) {
            bool late = nowTime > made[i].award.deadline + GRACE;
            if (made[i].status == AwardStatus.AWARDED && !late) return true;
        }
        return false;
    }

    function _noteDelivery(Delivery memory delivery, address sender) internal {
        _noteRound(delivery.plan, Commit(height, nowTime, sender, delivery.posted));
    }

    /// @dev Results of up to five awards of a sweep, or nothing fair if none waits. Those that wait no more are
    /// skipped by the market.
    function _deliver() internal returns (Delivery memory delivery) {
        uint256 from = _madeThat(AwardStatus.AWARDED);
        uint256 most = 1 + _throw(5);
        delivery.plan = made[from].plan;
        delivery.submissions = new Submission[](most);
        delivery.posted = new Posted[](most);
        delivery.fair = true;
        (uint256 count, uint256 taken, uint256 price) = (0, 0, 0);
        bool slow = _once(8);
        if (slow) _await(made[from].award.deadline + GRACE + 1);
        for (uint256 n; n < made.length && count < most; ++n) {
            Made memory m = made[(from + n) % made.length];
            if (m.plan != delivery.plan) continue;
            bool waits = m.status == AwardStatus.AWARDED;
            bool late = nowTime > m.award.deadline + GRACE;
            if (waits ? late && !slow : !_once(4)) continue;
            (Submission memory submission, bool good) = _randomResult(m.award);
            delivery.submissions[count++] = submission;
            if (!waits) continue;
            delivery.posted[taken++] = Posted(m.award, submission.root, submission.done);
            price += _price(m.award);
            if (late || !good) delivery.fair = false;
        }
        bool above = price > _termsOf(plans[delivery.plan].terms.token).cap;
        if (taken == 0 || taken > 1 && above) delivery.fair = false;
        _cut(delivery, count, taken);
    }

    function _cut(Delivery memory delivery, uint256 count, uint256 taken) private pure {
        (Submission[] memory submissions, Posted[] memory posted) =
            (delivery.submissions, delivery.posted);
        assembly ("memory-safe") {
            mstore(submissions, count)
            mstore(posted, taken)
        }
    }

    /// @dev All or a part of an award done, or what the market can't take.
    function _randomResult(Award memory won)
        private
        returns (Submission memory submission, bool good)
    {
        uint32 done = won.segments;
        if (_once(2)) done = uint32(1 + _throw(done));
        good = !_once(30);
        if (!good) {
            bytes memory signature = _sign(outsider, _resultDigest(won.id, 0, done));
            return (Submission(won, 0, _once(2) ? done : done + 1000, signature), false);
        }
        bytes32 root = _resultRoot(won, done);
        bytes32 digest = _resultDigest(won.id, root, done);
        return (Submission(won, root, done, _sign(won.seller, digest)), true);
    }

    // --- what is open ---

    /// @dev Whether there is anything to judge; if not, there soon is.
    function _idle() internal returns (bool) {
        for (uint256 i; i < made.length; ++i) {
            if (_isOpen(made[i].status)) return false;
        }
        if (rounds.length != 0 && _once(6)) return false;
        _commitSome();
        return true;
    }

    /// @dev A round with an award that is posted or disputed, if there is one.
    function _openRound() internal returns (uint256) {
        return _roundUpTo(AwardStatus.DISPUTED);
    }

    /// @dev A round with an award that is posted, or has any status up to another.
    function _roundUpTo(AwardStatus most) internal returns (uint256) {
        // Now and then one that has ended.
        if (_once(16)) return _throw(rounds.length);
        uint256 i = _throw(made.length);
        for (uint256 n; n < made.length; ++n) {
            bool within = made[i].status >= AwardStatus.POSTED && made[i].status <= most;
            if (within) return made[i].round - 1;
            i = (i + 1) % made.length;
        }
        return _throw(rounds.length);
    }
}
