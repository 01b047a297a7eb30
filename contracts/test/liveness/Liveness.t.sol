// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DrandRandomness} from "../../src/DrandRandomness.sol";
import {AwardStatus, Profile, SignedVerdict} from "../../src/types/Types.sol";
import {Cast} from "./Cast.sol";

/// @notice Every set of absent parties, each in every scene: strangers end what is left open, all money comes out
/// by the stated time, and nothing unaudited is paid.
contract LivenessTest is Cast {
    uint256 private constant MOST_TURNS = 60;
    /// @dev The substitutes that come, by their seats, two a turn. Of more than two only the first two count: this is
    /// nobody, one alone in each turn, and two in each two turns or in one.
    uint8[10] private SEATED = [0, 1 | 2, 1, 4, 16, 1 | 4, 1 | 16, 4 | 8, 4 | 16, 16 | 32];

    // --- what must come of it ---

    function _due() private view returns (AwardStatus) {
        if (!_there(SELLER)) return AwardStatus.EXPIRED;
        if (scene == Scene.FORGOTTEN) return AwardStatus.REFUNDED;
        bool panel = _there(PANEL);
        if (scene == Scene.HIDDEN && _there(BUYER) && panel) return AwardStatus.SLASHED;
        bool heard = _judgeThere(SECOND) || seated != 0;
        if (scene == Scene.FORGED && heard) {
            return panel ? AwardStatus.SLASHED : AwardStatus.REFUNDED;
        }
        if (scene == Scene.WITHHELD && _judgeThere(SECOND) && !panel) return AwardStatus.REFUNDED;
        // In the end one substitute is enough.
        bool answered = _judgeThere(0) && _judgeThere(1) && _judgeThere(2) || seated != 0;
        return answered ? AwardStatus.SETTLED : AwardStatus.REFUNDED;
    }

    /// @dev The last second at which money may still wait for an end. From the commit: until the seed is known and a
    /// silent judge may be summoned, its time, three turns of substitutes, and three panels of a dispute that the
    /// last of them opened.
    function _latest(uint256 committed) private view returns (uint256) {
        Profile memory p = market.profile();
        if (committed == 0) return uint256(award.deadline) + p.grace + 1;
        uint256 verdictTime = sweep.terms.verdictTime;
        uint256 summon = market.settleFrom(sweep.terms, committed);
        if (summon < committed + verdictTime) summon = committed + verdictTime;
        uint256 known = beacon ? _provable(committed) : committed;
        if (summon < known) summon = known;
        return summon + p.judgeTime + 3 * verdictTime + 3 * (uint256(p.panelTime) + 1);
    }

    function _provable(uint256 committed) private view returns (uint256) {
        DrandRandomness drand = DrandRandomness(address(randomness));
        return drand.provableUntil(drand.roundAfter(committed));
    }

    // --- the cases ---

    /// @notice One case; a call of its own, as a test's memory is never freed. Returns how much earlier than it may it
    /// came to its end.
    function lead(Scene scene_, uint256 absent_, uint256 seated_) external returns (uint256) {
        (scene, absent, seated) = (scene_, absent_, seated_);
        vm.warp(nowTime);
        vm.roll(height);
        uint256 committed = _deliver();
        if (committed == 0) {
            _pass(uint256(award.deadline) + market.profile().grace + 1 - nowTime);
            vm.prank(stranger);
            market.expireAward(sweep, award);
        } else if (scene == Scene.FORGOTTEN) {
            _forget(committed);
        }
        for (uint256 turn; turn < MOST_TURNS && _isOpen(); ++turn) {
            _act();
            if (_isOpen()) _pass(_next() - nowTime);
        }
        _check(committed);
        return _latest(committed) - nowTime;
    }

    function _forget(uint256 committed) private {
        if (beacon) _pass(_provable(committed) + 1 - nowTime);
        height += 300;
        _mine(1);
        vm.prank(stranger);
        market.expirePosted(sweep, _commitment(), 0, new SignedVerdict[](0));
    }

    /// @dev All sets of absent parties in all scenes, each from the same beginning. Returns how much earlier than it may
    /// the last of them ended.
    function _all() private returns (uint256 spare) {
        uint256 beginning = vm.snapshotState();
        spare = type(uint256).max;
        for (uint8 i; i <= uint8(type(Scene).max); ++i) {
            for (uint256 set; set < SETS; ++set) {
                uint256 kinds = _kindsOfSeats(Scene(i), set);
                for (uint256 n; n < kinds; ++n) {
                    uint256 left = this.lead(Scene(i), set, SEATED[n]);
                    bool delivered = set & SELLER == 0;
                    if (delivered && left < spare) spare = left;
                    vm.revertToState(beginning);
                }
            }
        }
    }

    /// @dev Substitutes speak only where a judge is absent; and when they come is nothing to buyer and relayer.
    function _kindsOfSeats(Scene scene_, uint256 set) private view returns (uint256) {
        bool judged = set & (7 * JUDGES) == 0;
        if (judged || set & SELLER != 0 || scene_ == Scene.FORGOTTEN) return 1;
        return set & (BUYER | RELAYER) == 0 ? SEATED.length : 2;
    }

    // --- what came of it ---

    function _check(uint256 committed) private {
        vm.assertEq(uint256(_status(award.id)), uint256(_due()), _name());
        vm.assertLe(nowTime, _latest(committed));
        AwardStatus status = _status(award.id);
        uint256 had = 10 ether;
        vm.assertEq(_locked(seller) + _locked(buyer) + _locked(stranger), 0, "still locked");
        if (status == AwardStatus.SLASHED) had -= _bondOf(award);
        if (market.awardSlot(award.id) >> 254 & 1 == 1) had -= _sellersPart(award);
        if (status == AwardStatus.SETTLED) had += uint256(award.price) * (award.segments - 5);
        // A seller that has to commit by itself earns the tip.
        bool tipped = committed != 0 && !_there(RELAYER);
        vm.assertEq(_free(seller), tipped ? had + TIP : had, "the seller");
        _checkBuyer();
        _withdrawAll();
        vm.assertEq(address(market).balance, _free(BURN), "still inside");
    }

    /// @dev Where nothing is paid for, the buyer has its price back.
    function _checkBuyer() private view {
        if (_status(award.id) == AwardStatus.SETTLED) return;
        uint256 least = 10 ether + _price(award);
        // A challenge that no panel heard.
        if (scene == Scene.HIDDEN && _there(BUYER) && !_there(PANEL)) least -= PANEL_FLOOR;
        vm.assertGe(_free(buyer), least);
    }

    function _withdrawAll() private {
        _withdraw(buyer);
        _withdraw(seller);
        _withdraw(relayer);
        _withdraw(stranger);
        for (uint256 i; i < judges.length; ++i) {
            _withdraw(judges[i]);
        }
    }

    function _withdraw(address who) private {
        uint256 all = _free(who);
        vm.prank(who);
        market.withdraw(NATIVE, all, who);
    }

    function _name() private view returns (string memory) {
        string memory name = string.concat("scene ", vm.toString(uint256(scene)));
        name = string.concat(name, ", absent ", vm.toString(absent));
        return string.concat(name, ", seated ", vm.toString(seated));
    }

    // --- tests ---

    function test_in_the_demo_whoever_is_absent_all_money_comes_out_in_time() public {
        _open(demo(), VERDICT_TIME);
        _all();
    }

    function test_in_production_whoever_is_late_or_absent_all_money_comes_out_by_the_last_second()
        public
    {
        (late, beacon) = (true, true);
        _open(production(), 24 hours);
        vm.assertEq(_all(), 0, "the stated time is never needed");
    }

    function test_in_production_the_longest_times_are_as_stated() public {
        _open(production(), 24 hours);
        Profile memory p = market.profile();
        uint256 most = _latest(nowTime) - nowTime;
        vm.assertEq(most, 169 hours + 3, "with block hashes");
        beacon = true;
        vm.etch(address(randomness), address(new DrandRandomness(MARGIN)).code);
        most = _latest(nowTime) - nowTime;
        vm.assertLe(most, 169 hours + 72 hours);
        vm.assertLe(most + 2 * uint256(p.demandTime), 289 hours);
    }
}
