// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ids} from "../../src/libraries/Ids.sol";
import {Award, AwardStatus, Submission, Sweep, TokenTerms} from "../../src/types/Types.sol";
import {Bonds} from "./AnyBonds.sol";
import {MarketProof} from "./Market.sol";

contract EscrowProof is MarketProof {
    /// @dev What an award put up.
    struct Stakes {
        uint256 tip;
        uint256 cost;
        uint256 total;
        uint256 fee;
        uint256 panel;
        uint256 bond;
    }

    function check_commit(Sweep memory sweep, Award memory award, bytes32 root, uint32 done)
        external
    {
        sweep.terms.token = address(coin);
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = Submission(award, root, done, svm.createBytes(65, "signature"));
        _watch(address(coin), [award.seller, sweep.buyer, address(1), address(2)]);
        market.commit(sweep, submissions);
        _moved(address(coin), 0);
        _became(award, AwardStatus.POSTED);
    }

    function check_expireAward(Sweep memory sweep, Award memory award) external {
        vm.warp(svm.createUint(40, "now"));
        bool docked = _open(sweep, award);
        market.expireAward(sweep, award);
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        _unlocks(award.seller, x.bond);
        _gets(sweep.buyer, x.cost);
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.EXPIRED);
    }

    // --- what the proofs share ---

    /// @dev An award's token, of any terms, and its parties. Returns whether its bond was docked.
    function _open(Sweep memory sweep, Award memory award) private returns (bool docked) {
        sweep.terms.token = address(coin);
        sweep.buyer = _party("buyer");
        award.seller = _party("seller");
        docked = market.awardSlot(award.id) & Ids.DOCKED != 0;
        _watch(address(coin));
    }

    /// @dev Worked out after the market did, whose branches it then repeats.
    function _stakes(Sweep memory sweep, uint256 price, uint256 segments, bool docked)
        private
        view
        returns (Stakes memory x)
    {
        TokenTerms memory terms = market.tokenTerms(sweep.terms.token);
        x.tip = terms.tip;
        unchecked {
            x.total = price * segments;
            x.fee = Bonds.auditFee(x.total);
            x.cost = x.total + x.fee + 2 * x.tip;
        }
        x.panel = Bonds.panelFee(seats, price, terms.panelFloor);
        x.bond = Bonds.bond(price, segments, sweep.terms.segments, x.panel);
        if (docked) x.bond = _less(x.bond, Bonds.sellersPart(x.total, x.panel));
    }

    function _became(Award memory award, AwardStatus status) private view {
        assert(Ids.statusOf(market.awardSlot(award.id)) == status);
    }

    function _unlocks(address who, uint256 bond) private {
        _loses(who, bond);
        _gets(who, bond);
    }
}
