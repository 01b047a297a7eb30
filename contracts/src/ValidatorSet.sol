// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {CodeBlob} from "./libraries/CodeBlob.sol";

/// @title ValidatorSet
/// @notice The validators' bonds, and for every epoch the set that counts in it.
/// @dev An entry is one word: address (160 bits), tier (16), bond (80). Every change writes the whole set
/// anew, which is dear; every audit reads it with one code copy, which is cheap. Before the entries lies a summary:
/// the least tier (16 bits, the lowest) and above it the bonds' sum, then a filter of 1,024 bits, one for the low
/// ten bits of each address. Where nobody is below a tier and no party hits the filter, all stand as they are.
contract ValidatorSet is IValidatorSet {
    using Checkpoints for Checkpoints.Trace160;

    struct Latest {
        address blob;
        uint96 epoch;
    }

    /// @notice So many entries fit a code blob and can be walked through in one transaction.
    uint256 public constant MOST_VALIDATORS = 512;

    uint256 private constant BOND_MASK = (1 << 80) - 1;
    /// @dev Words before the entries.
    uint256 private constant SUMMARY = 5;
    /// @dev Nobody holds its key: what is credited to it is burned without a transfer that could fail.
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    /// @dev Of what is forfeited, whoever showed the fault gets one part in so many.
    uint256 private constant REPORTERS_PART = 10;

    /// @inheritdoc IValidatorSet
    address public immutable court;
    /// @inheritdoc IValidatorSet
    address public immutable oversight;
    /// @inheritdoc IValidatorSet
    uint80 public immutable leastBond;
    /// @inheritdoc IValidatorSet
    uint40 public immutable epochLength;
    /// @inheritdoc IValidatorSet
    uint40 public immutable unbondingTime;

    mapping(address who => Validator) private _validators;
    /// @dev The newest set has a slot of its own: nearly every look-up ends there.
    Latest private _latest;
    Checkpoints.Trace160 private _past;

    /// @param court_ One of the two that fine.
    /// @param oversight_ The other one, which also takes whole bonds.
    /// @param leastBond_ The least bond of a validator.
    /// @param epochLength_ Seconds of an epoch.
    /// @param unbondingTime_ Seconds from `unbond` to `claim`: more than any audit lasts.
    constructor(
        address court_,
        address oversight_,
        uint80 leastBond_,
        uint40 epochLength_,
        uint40 unbondingTime_
    ) {
        court = court_;
        oversight = oversight_;
        leastBond = leastBond_;
        epochLength = epochLength_;
        unbondingTime = unbondingTime_;
    }

    /// @inheritdoc IValidatorSet
    function bond(uint16 vramGib) external payable {
        Validator storage self = _validators[msg.sender];
        uint80 raised = SafeCast.toUint80(self.bond + msg.value);
        if (raised < leastBond) revert ValidatorSet_BondTooSmall(raised, leastBond);

        self.bond = raised;
        self.vramGib = vramGib;
        _enter(msg.sender, vramGib, raised, true);
        emit Bonded(msg.sender, msg.value, vramGib);
    }

    /// @inheritdoc IValidatorSet
    function unbond(uint256 amount) external {
        Validator storage self = _validators[msg.sender];
        if (amount == 0 || amount > self.bond) revert ValidatorSet_BondTooSmall(self.bond, amount);
        // Fits: the amount is no more than the bond.
        uint80 left = self.bond - uint80(amount);
        if (left != 0 && left < leastBond) revert ValidatorSet_BondTooSmall(left, leastBond);

        uint40 claimableAt = uint40(block.timestamp) + unbondingTime;
        self.bond = left;
        self.unbonding += uint80(amount);
        self.claimableAt = claimableAt;
        _enter(msg.sender, self.vramGib, left, false);
        emit Unbonding(msg.sender, amount, claimableAt);
    }

    /// @inheritdoc IValidatorSet
    function claim(address to) external {
        Validator storage self = _validators[msg.sender];
        uint256 amount = self.credit;
        bool over = block.timestamp >= self.claimableAt;
        if (over) amount += self.unbonding;
        if (amount == 0) revert ValidatorSet_NothingToClaim(msg.sender);

        self.credit = 0;
        if (over) self.unbonding = 0;
        emit Claimed(msg.sender, to, amount);
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert ValidatorSet_TransferFailed(to, amount);
    }

    /// @inheritdoc IValidatorSet
    function fine(address who, uint256 amount, address[] calldata payees, uint256 each)
        external
        returns (uint256 paid)
    {
        bool allowed = msg.sender == court || msg.sender == oversight;
        if (!allowed) revert ValidatorSet_NotAllowed(msg.sender);
        uint256 taken = _take(who, amount);
        if (taken == 0) return 0;

        uint256 burned = taken;
        if (payees.length != 0) {
            paid = Math.min(each, taken / payees.length);
            burned -= paid * payees.length;
        }
        for (uint256 i; i < payees.length; ++i) {
            _credit(payees[i], paid);
        }
        _credit(BURN, burned);
        emit Fined(who, taken, burned);
    }

    /// @inheritdoc IValidatorSet
    function forfeit(address who, address reporter) external returns (uint256 amount) {
        if (msg.sender != oversight) revert ValidatorSet_NotAllowed(msg.sender);
        amount = _take(who, type(uint256).max);
        if (amount == 0) return 0;

        uint256 burned = amount - amount / REPORTERS_PART;
        _credit(reporter, amount - burned);
        _credit(BURN, burned);
        emit Fined(who, amount, burned);
    }

    /// @inheritdoc IValidatorSet
    function validator(address who) external view returns (Validator memory) {
        return _validators[who];
    }

    /// @inheritdoc IValidatorSet
    function setAt(uint256 time) external view returns (Entry[] memory entries) {
        uint256[] memory words = _wordsAt(time);
        if (words.length == 0) return entries;
        entries = new Entry[](words.length - SUMMARY);
        for (uint256 i; i < entries.length; ++i) {
            uint256 word = words[SUMMARY + i];
            entries[i] = Entry(address(uint160(word >> 96)), uint16(word >> 80), uint80(word));
        }
    }

    /// @inheritdoc IValidatorSet
    function eligible(uint256 time, uint16 vramGib, address[] calldata skip)
        external
        view
        returns (uint256 count, uint256 total, uint256 related)
    {
        uint256[] memory words = _wordsAt(time);
        if (words.length == 0) return (0, 0, 0);
        if (_allStand(words, vramGib, skip)) return (words.length - SUMMARY, words[0] >> 16, 0);
        return _sift(words, vramGib, skip);
    }

    /// @inheritdoc IValidatorSet
    function pick(uint256 time, uint16 vramGib, address[] calldata skip, uint256[] calldata draws)
        external
        view
        returns (address[] memory seats)
    {
        uint256[] memory words = _wordsAt(time);
        seats = new address[](draws.length);
        if (words.length == 0) return seats;
        uint256 total = words[0] >> 16;
        if (!_allStand(words, vramGib, skip)) (, total,) = _sift(words, vramGib, skip);
        if (total != 0) _seat(words, total, draws, seats);
    }

    /// @dev Whether the summary alone tells that nobody is to be left out.
    function _allStand(uint256[] memory words, uint256 vramGib, address[] calldata skip)
        private
        pure
        returns (bool all)
    {
        if (vramGib > uint16(words[0])) return false;
        assembly ("memory-safe") {
            let filter := add(words, 64)
            let hits := 0
            let at := skip.offset
            for { let end := add(at, shl(5, skip.length)) } lt(at, end) { at := add(at, 32) } {
                let who := calldataload(at)
                hits := or(hits, shr(and(who, 255), mload(add(filter, and(shr(3, who), 96)))))
            }
            all := iszero(and(hits, 1))
        }
    }

    /// @dev Moves the eligible entries to the front, and marks the parties that are in the set. In assembly
    /// because every award and every settlement walks through it; a bitmap of the parties' last bytes
    /// spares nearly every entry the comparison with all of them.
    function _sift(uint256[] memory words, uint16 vramGib, address[] calldata skip)
        private
        pure
        returns (uint256 count, uint256 total, uint256 related)
    {
        assembly ("memory-safe") {
            // A party may be named several times. The bit turns round past 256, so that none is lost.
            function matches(who, first, last) -> marks {
                for { let at := first } lt(at, last) { at := add(at, 32) } {
                    if eq(calldataload(at), who) {
                        marks := or(marks, shl(and(shr(5, sub(at, first)), 255), 1))
                    }
                }
            }
            let last := add(skip.offset, shl(5, skip.length))
            let seen := 0
            for { let at := skip.offset } lt(at, last) { at := add(at, 32) } {
                seen := or(seen, shl(and(calldataload(at), 0xff), 1))
            }
            let to := add(words, mul(32, add(SUMMARY, 1)))
            let end := add(add(words, 32), shl(5, mload(words)))
            for { let from := to } lt(from, end) { from := add(from, 32) } {
                let word := mload(from)
                let low := lt(and(shr(80, word), 0xffff), vramGib)
                let alike := and(shr(and(shr(96, word), 0xff), seen), 1)
                if or(low, alike) {
                    let marks := 0
                    if alike { marks := matches(shr(96, word), skip.offset, last) }
                    related := or(related, marks)
                    if or(low, marks) { continue }
                }
                mstore(to, word)
                to := add(to, 32)
                total := add(total, and(word, BOND_MASK))
            }
            count := sub(shr(5, sub(to, words)), add(SUMMARY, 1))
        }
    }

    /// @dev For each draw the entry whose running sum first exceeds it; the eligible lie in front, and their
    /// sum does.
    function _seat(
        uint256[] memory words,
        uint256 total,
        uint256[] calldata draws,
        address[] memory seats
    ) private pure {
        assembly ("memory-safe") {
            let first := add(words, mul(32, add(SUMMARY, 1)))
            let seat := add(seats, 32)
            let from := draws.offset
            for { let end := add(from, shl(5, draws.length)) } lt(from, end) {
                from := add(from, 32)
            } {
                let left := mod(calldataload(from), total)
                let entry := first
                let weight := and(mload(entry), BOND_MASK)
                for {} iszero(lt(left, weight)) {} {
                    left := sub(left, weight)
                    entry := add(entry, 32)
                    weight := and(mload(entry), BOND_MASK)
                }
                mstore(seat, shr(96, mload(entry)))
                seat := add(seat, 32)
            }
        }
    }

    /// @dev Takes up to an amount: first of the bond, then of what is unbonding. A bond below the least leaves
    /// the set.
    function _take(address who, uint256 amount) private returns (uint256 taken) {
        Validator storage self = _validators[who];
        (uint256 held, uint256 unbonding) = (self.bond, self.unbonding);
        uint256 ofBond = Math.min(amount, held);
        uint256 ofUnbonding = Math.min(amount - ofBond, unbonding);
        taken = ofBond + ofUnbonding;
        if (taken == 0) return 0;

        // Fits: no more is taken than is there.
        uint80 left = uint80(held - ofBond);
        self.bond = left;
        self.unbonding = uint80(unbonding - ofUnbonding);
        _enter(who, self.vramGib, left < leastBond ? 0 : left, false);
    }

    /// @dev So much no one earns; what is above it stays here unowned, for a sum that doesn't fit must not stop
    /// a fine.
    function _credit(address who, uint256 amount) private {
        if (amount == 0) return;
        Validator storage self = _validators[who];
        self.credit = uint80(Math.min(self.credit + amount, type(uint80).max));
    }

    /// @dev Writes the next epoch's set with the validator's bond as given; zero takes it out. One who is not
    /// in the set and does not join stays out, so that a full set stops neither fines nor exits.
    function _enter(address who, uint16 vramGib, uint80 weight, bool joins) private {
        Latest memory latest = _latest;
        // The first set has no summary yet.
        uint256 room = latest.blob == address(0) ? SUMMARY + 1 : 1;
        uint256[] memory words = CodeBlob.read(latest.blob, room);
        uint256 last = words.length - 1;
        uint256 place = SUMMARY;
        while (place < last && address(uint160(words[place] >> 96)) != who) ++place;
        if (place == last && !joins) return;
        if (place == SUMMARY + MOST_VALIDATORS) place = _outbid(words, weight);

        uint256 length = place == last ? last + 1 : last;
        words[place] = uint256(uint160(who)) << 96 | uint256(vramGib) << 80 | weight;
        if (weight == 0) {
            --length;
            words[place] = words[length];
        }
        _sumUp(words, length);
        uint96 next = uint96(block.timestamp / epochLength + 1);
        if (latest.epoch != next) _past.push(latest.epoch, uint160(latest.blob));
        _latest = Latest(CodeBlob.write(words, length), next);
    }

    /// @dev The place of the first of the smallest bonds, which a greater one takes.
    function _outbid(uint256[] memory words, uint80 weight) private pure returns (uint256 place) {
        place = SUMMARY;
        for (uint256 i = SUMMARY + 1; i < SUMMARY + MOST_VALIDATORS; ++i) {
            if (uint80(words[i]) < uint80(words[place])) place = i;
        }
        if (uint80(words[place]) >= weight) revert ValidatorSet_Full(MOST_VALIDATORS);
    }

    /// @dev Writes the summary of the entries before them.
    function _sumUp(uint256[] memory words, uint256 length) private pure {
        uint256 total;
        uint256 least = type(uint16).max;
        for (uint256 i = 1; i < SUMMARY; ++i) {
            words[i] = 0;
        }
        for (uint256 i = SUMMARY; i < length; ++i) {
            uint256 word = words[i];
            total += word & BOND_MASK;
            least = Math.min(least, uint16(word >> 80));
            words[1 + (word >> 104 & 3)] |= uint256(1) << (word >> 96 & 255);
        }
        words[0] = total << 16 | least;
    }

    function _wordsAt(uint256 time) private view returns (uint256[] memory) {
        uint96 epoch = SafeCast.toUint96(time / epochLength);
        Latest memory latest = _latest;
        if (epoch >= latest.epoch) return CodeBlob.read(latest.blob, 0);
        return CodeBlob.read(address(_past.upperLookupRecent(epoch)), 0);
    }
}
