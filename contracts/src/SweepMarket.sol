// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISweepMarket} from "./interfaces/ISweepMarket.sol";
import {Bonds} from "./libraries/Bonds.sol";
import {Ids} from "./libraries/Ids.sol";
import {Words} from "./libraries/Words.sol";
import {Deployment} from "./market/Deployment.sol";
import {Hearings} from "./market/Hearings.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Docket,
    Listing,
    Posted,
    Profile,
    SignedVerdict,
    Sweep
} from "./types/Types.sol";

/// @title SweepMarket
/// @notice Escrow, bonds and settlement of sweeps.
/// @dev Whatever can be worked out from calldata is not stored. What is escrowed for an award is nowhere as
/// a number: it follows from the award, which its slot authenticates.
contract SweepMarket is Hearings {
    /// @dev What a settlement owes, summed up so that every account is written once.
    struct Bill {
        uint256 terms;
        uint256 book;
        uint256 settled;
        uint256 refund;
        uint256 dust;
    }

    /// @param parts_ The other contracts, where they lie or will.
    /// @param profile_ The deployment's constants.
    /// @param tokens The tokens it takes, for ever; the first one's terms are the cheapest to read.
    constructor(Parts memory parts_, Profile memory profile_, Listing[] memory tokens)
        Deployment(parts_, profile_, tokens)
    {}

    /// @inheritdoc ISweepMarket
    function multicall(bytes[] calldata calls) external returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            (bool done, bytes memory result) = address(this).delegatecall(calls[i]);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(result, 32), mload(result))
                }
            }
            results[i] = result;
        }
    }

    /// @inheritdoc ISweepMarket
    function settle(
        Sweep calldata sweep,
        Commit calldata commit_,
        SignedVerdict[] calldata verdicts
    ) external returns (uint256) {
        (Docket memory d, uint256[] memory sums) = _docket(sweep, commit_);
        if (d.seed == 0) revert SweepMarket_SeedUnknown(commit_.blockNumber);
        _requireTime(settleFrom(sweep.terms, commit_.time));
        Hearing memory hearing = _hear(sweep, commit_, d, sums, verdicts);
        Bill memory bill;
        (bill.terms, bill.book) = (_termsOf(Words.token(sweep)), _bookOf(Words.token(sweep)));
        uint256[] memory slots = d.slots;
        for (uint256 i; i < slots.length; ++i) {
            uint256 slot = slots[i];
            if (Ids.statusOf(slot) != AwardStatus.POSTED) continue;
            uint256 missing = _count(i, hearing, verdicts);
            if (missing != 0 && !_replaced(sweep, commit_, i, d, hearing, missing)) continue;
            _settle(sweep, Words.nth(Words.awards(commit_), i), slot, hearing, bill);
        }
        if (bill.settled == 0) revert SweepMarket_NothingToSettle(d.commitId);
        _payJudges(bill.book, hearing);
        _payBill(Words.buyer(sweep), commit_.relayer, bill);
        return bill.settled;
    }

    /// @inheritdoc ISweepMarket
    function expirePosted(
        Sweep calldata sweep,
        Commit calldata commit_,
        uint256 index,
        SignedVerdict[] calldata verdicts
    ) external {
        (Docket memory d, uint256[] memory sums) = _docket(sweep, commit_);
        Posted calldata posted = commit_.awards[index];
        bytes32 id = posted.award.id;
        _requireStatus(id, d.slots[index], AwardStatus.POSTED);
        if (!_ranOut(sweep, commit_, index, d, sums)) revert SweepMarket_StillOpen(id);

        awardSlot[id].word = Ids.moved(d.slots[index], AwardStatus.REFUNDED, block.timestamp);
        uint256 fees;
        if (d.seed != 0) {
            Hearing memory hearing = _hear(sweep, commit_, d, sums, verdicts);
            uint256 missing = _count(index, hearing, verdicts);
            _replaced(sweep, commit_, index, d, hearing, missing);
            uint256 perAnswer = Bonds.auditFee(_paid(posted)) / hearing.answers;
            fees = _charge(Words.token(sweep), perAnswer, hearing);
            _payJudges(_bookOf(Words.token(sweep)), hearing);
        }
        _refund(sweep, posted.award, d.slots[index], commit_.relayer, fees);
    }

    /// @inheritdoc ISweepMarket
    function mark(bytes32 awardId) external onlyCourt {
        awardSlot[awardId].word |= Ids.MARKED;
    }

    /// @inheritdoc ISweepMarket
    function dispute(bytes32 awardId, bytes32 disputeId) external onlyCourt {
        _move(awardId, AwardStatus.POSTED, AwardStatus.DISPUTED);
        emit Disputed(awardId, disputeId);
    }

    /// @inheritdoc ISweepMarket
    function restore(bytes32 awardId) external onlyCourt {
        _move(awardId, AwardStatus.DISPUTED, AwardStatus.POSTED);
        emit Restored(awardId);
    }

    /// @inheritdoc ISweepMarket
    function refund(
        Sweep calldata sweep,
        Award calldata award_,
        address relayer,
        address[] calldata payees,
        uint256[] calldata amounts
    ) external onlyCourt {
        uint256 slot = _move(award_.id, AwardStatus.DISPUTED, AwardStatus.REFUNDED);
        uint256 fee = Bonds.auditFee(_price(award_));
        uint256 left = _payOut(Words.token(sweep), fee, payees, amounts);
        _refund(sweep, award_, slot, relayer, fee - left);
    }

    /// @inheritdoc ISweepMarket
    function slash(
        Sweep calldata sweep,
        Award calldata award_,
        address relayer,
        address[] calldata payees,
        uint256[] calldata amounts
    ) external onlyCourt returns (uint256 bond) {
        uint256 slot = _move(award_.id, AwardStatus.DISPUTED, AwardStatus.SLASHED);
        address token = Words.token(sweep);
        uint256 terms = _termsOf(token);
        bond = _bondLeft(sweep, award_, slot, terms);
        uint256 refunded = _cost(Words.price(award_), Words.segments(award_), 2 * _tip(terms));

        _takeLocked(token, award_.seller, bond);
        _credit(token, sweep.buyer, refunded);
        _credit(token, relayer, _tip(terms));
        uint256 left = _payOut(token, bond - _tip(terms), payees, amounts);
        _credit(token, BURN, left);
        emit Slashed(award_.id, award_.seller, bond, refunded, left);
    }

    /// @inheritdoc ISweepMarket
    function dock(Sweep calldata sweep, Award calldata award_, address[] calldata payees)
        external
        onlyCourt
        returns (uint256 each)
    {
        uint256 slot = awardSlot[award_.id].word;
        AwardStatus status = Ids.statusOf(slot);
        bool gone = status != AwardStatus.POSTED && status != AwardStatus.DISPUTED;
        if (gone || slot & Ids.DOCKED != 0) return 0;

        awardSlot[award_.id].word = slot | Ids.DOCKED;
        address token = Words.token(sweep);
        uint256 price = Words.price(award_);
        uint256 panel = _panelFee(price, _termsOf(token));
        uint256 amount = Bonds.sellersPart(price * Words.segments(award_), panel);
        each = panel / 2 / payees.length;
        _takeLocked(token, award_.seller, amount);
        // What is docked must follow from the award alone, so what does not divide is burned as well.
        _payEach(token, payees, each, amount);
        emit Docked(award_.id, amount);
    }

    /// @dev Pays the seller, and puts the rest on the bill.
    function _settle(
        Sweep calldata sweep,
        Posted calldata posted,
        uint256 slot,
        Hearing memory hearing,
        Bill memory bill
    ) private {
        Award calldata award_ = posted.award;
        address token = Words.token(sweep);
        awardSlot[award_.id].word = Ids.moved(slot, AwardStatus.SETTLED, block.timestamp);
        uint256 paid = _paid(posted);
        uint256 bond = _bondLeft(sweep, award_, slot, bill.terms);
        _unlock(_book(bill.book), Words.seller(award_), bond, paid);
        uint256 total = _price(award_);
        (uint256 refunded, uint256 fees) = _divide(token, paid, total, hearing, bill);
        emit Settled(award_.id, Words.seller(award_), paid, refunded, fees);
    }

    /// @dev Divides what the seller does not get: the judges have a fee for each answer, the caller what does
    /// not divide, the buyer the rest.
    function _divide(
        address token,
        uint256 paid,
        uint256 total,
        Hearing memory hearing,
        Bill memory bill
    ) private returns (uint256 refunded, uint256 fees) {
        uint256 fee = Bonds.auditFee(paid);
        uint256 perAnswer = fee / hearing.answers;
        fees = _charge(token, perAnswer, hearing);
        // What is paid and its fee are a part of what was escrowed, the judges' and panels' fees of that fee.
        unchecked {
            uint256 cleared = perAnswer * hearing.cleared;
            refunded = cleared;
            if (paid != total) refunded += total + Bonds.auditFee(total) - paid - fee;
            bill.settled += 1;
            bill.refund += refunded;
            bill.dust += fee - fees - cleared;
        }
    }

    function _payBill(address buyer, address relayer, Bill memory bill) private {
        mapping(address => Account) storage book = _book(bill.book);
        uint256 tips = _tip(bill.terms) * bill.settled;
        _enter(book, buyer, bill.refund);
        if (relayer == msg.sender) {
            _enter(book, relayer, 2 * tips + bill.dust);
        } else {
            _enter(book, relayer, tips);
            _enter(book, msg.sender, tips + bill.dust);
        }
    }

    /// @dev The relayer has its tip, those who judged all the same their fees, the buyer the rest.
    function _refund(
        Sweep calldata sweep,
        Award calldata award_,
        uint256 slot,
        address relayer,
        uint256 fees
    ) private {
        address token = Words.token(sweep);
        _credit(token, relayer, _tip(_termsOf(token)));
        _giveBack(sweep, award_, slot, 1, fees);
        emit Refunded(award_.id, fees);
    }

    /// @dev Pays in order as far as it reaches, and returns what is left.
    function _payOut(
        address token,
        uint256 left,
        address[] calldata payees,
        uint256[] calldata amounts
    ) private returns (uint256) {
        for (uint256 i; i < payees.length; ++i) {
            uint256 paid = Math.min(amounts[i], left);
            left -= paid;
            _credit(token, payees[i], paid);
        }
        return left;
    }

    /// @dev Returns the slot as it was.
    function _move(bytes32 awardId, AwardStatus from, AwardStatus to)
        private
        returns (uint256 slot)
    {
        Slot storage place = awardSlot[awardId];
        slot = place.word;
        _requireStatus(awardId, slot, from);
        place.word = Ids.moved(slot, to, block.timestamp);
    }

    /// @dev A price has 128 bits, a count 32: products fit.
    function _price(Award calldata award_) private pure returns (uint256) {
        unchecked {
            return Words.price(award_) * Words.segments(award_);
        }
    }

    function _paid(Posted calldata posted) private pure returns (uint256) {
        unchecked {
            return Words.price(posted.award) * Words.done(posted);
        }
    }
}
