// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {CodeBlob} from "./libraries/CodeBlob.sol";

/// @title ValidatorSet
/// @notice The validators' bonds, and for every epoch the set that counts in it.
/// @dev An entry is one word: address (160 bits), tier (16), bond (80). Every change writes the whole set
/// anew, which is dear; every audit reads it with one code copy, which is cheap.
contract ValidatorSet is IValidatorSet {
    using Checkpoints for Checkpoints.Trace160;

    struct Latest {
        address blob;
        uint96 epoch;
    }

    /// @notice So many entries fit a code blob and can be walked through in one transaction.
    uint256 public constant MOST_VALIDATORS = 512;

    uint256 private constant BOND_MASK = (1 << 80) - 1;

    /// @inheritdoc IValidatorSet
    address public immutable court;
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

    constructor(address court_, uint80 leastBond_, uint40 epochLength_, uint40 unbondingTime_) {
        court = court_;
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
    function fine(address who, uint256 amount, address[] calldata payees)
        external
        returns (uint256 each)
    {
        if (msg.sender != court) revert ValidatorSet_NotCourt(msg.sender);
        Validator storage self = _validators[who];
        uint256 held = uint256(self.bond) + self.unbonding;
        if (payees.length != 0) each = (amount < held ? amount : held) / payees.length;
        uint256 taken = each * payees.length;
        if (taken == 0) return 0;

        _take(who, self, taken);
        for (uint256 i; i < payees.length; ++i) {
            _validators[payees[i]].credit += SafeCast.toUint80(each);
        }
        emit Fined(who, taken);
    }

    /// @inheritdoc IValidatorSet
    function validator(address who) external view returns (Validator memory) {
        return _validators[who];
    }

    /// @inheritdoc IValidatorSet
    function setAt(uint256 time) external view returns (Entry[] memory entries) {
        uint256[] memory words = _wordsAt(time);
        entries = new Entry[](words.length);
        for (uint256 i; i < words.length; ++i) {
            uint256 word = words[i];
            entries[i] = Entry(address(uint160(word >> 96)), uint16(word >> 80), uint80(word));
        }
    }

    /// @inheritdoc IValidatorSet
    function eligible(uint256 time, uint16 vramGib, address[] calldata skip)
        external
        view
        returns (uint256 count, uint256 total, uint256 related)
    {
        return _sift(_wordsAt(time), vramGib, skip);
    }

    /// @inheritdoc IValidatorSet
    function pick(uint256 time, uint16 vramGib, address[] calldata skip, uint256[] calldata draws)
        external
        view
        returns (address[] memory seats)
    {
        uint256[] memory words = _wordsAt(time);
        (, uint256 total,) = _sift(words, vramGib, skip);
        seats = new address[](draws.length);
        if (total == 0) return seats;
        for (uint256 i; i < draws.length; ++i) {
            seats[i] = _seat(words, draws[i] % total);
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
            function matches(who, at, last) -> marks {
                for { let bit := 1 } lt(at, last) { at := add(at, 32) } {
                    if eq(calldataload(at), who) { marks := or(marks, bit) }
                    bit := or(shl(1, bit), shr(255, bit))
                }
            }
            let last := add(skip.offset, shl(5, skip.length))
            let seen := 0
            for { let at := skip.offset } lt(at, last) { at := add(at, 32) } {
                seen := or(seen, shl(and(calldataload(at), 0xff), 1))
            }
            let to := add(words, 32)
            let end := add(to, shl(5, mload(words)))
            for { let from := to } lt(from, end) { from := add(from, 32) } {
                let word := mload(from)
                if and(shr(and(shr(96, word), 0xff), seen), 1) {
                    let marks := matches(shr(96, word), skip.offset, last)
                    related := or(related, marks)
                    if marks { continue }
                }
                if lt(and(shr(80, word), 0xffff), vramGib) { continue }
                mstore(to, word)
                to := add(to, 32)
                total := add(total, and(word, BOND_MASK))
            }
            count := shr(5, sub(sub(to, words), 32))
        }
    }

    /// @dev The entry whose running sum first exceeds the draw; the eligible lie in front, and their sum does.
    function _seat(uint256[] memory words, uint256 draw) private pure returns (address seat) {
        assembly ("memory-safe") {
            for { let at := add(words, 32) } 1 { at := add(at, 32) } {
                let weight := and(mload(at), BOND_MASK)
                if lt(draw, weight) {
                    seat := shr(96, mload(at))
                    break
                }
                draw := sub(draw, weight)
            }
        }
    }

    /// @dev First the bond, then what is unbonding. A bond below the least leaves the set.
    function _take(address who, Validator storage self, uint256 amount) private {
        uint80 held = self.bond;
        if (amount > held) {
            self.bond = 0;
            self.unbonding -= SafeCast.toUint80(amount - held);
        } else {
            self.bond = held - SafeCast.toUint80(amount);
        }
        _enter(who, self.vramGib, self.bond < leastBond ? 0 : self.bond, false);
    }

    /// @dev Writes the next epoch's set with the validator's bond as given; zero takes it out. One who is not
    /// in the set and does not join stays out, so that a full set stops neither fines nor exits.
    function _enter(address who, uint16 vramGib, uint80 weight, bool joins) private {
        Latest memory latest = _latest;
        uint256[] memory words = CodeBlob.read(latest.blob, 1);
        uint256 last = words.length - 1;
        uint256 place;
        while (place < last && address(uint160(words[place] >> 96)) != who) ++place;
        if (place == last && !joins) return;
        if (place == MOST_VALIDATORS) place = _outbid(words, weight);

        uint256 length = place == last ? last + 1 : last;
        words[place] = uint256(uint160(who)) << 96 | uint256(vramGib) << 80 | weight;
        if (weight == 0) {
            --length;
            words[place] = words[length];
        }
        uint96 next = uint96(block.timestamp / epochLength + 1);
        if (latest.epoch != next) _past.push(latest.epoch, uint160(latest.blob));
        _latest = Latest(CodeBlob.write(words, length), next);
    }

    /// @dev The place of the first of the smallest bonds, which a greater one takes.
    function _outbid(uint256[] memory words, uint80 weight) private pure returns (uint256 place) {
        for (uint256 i = 1; i < MOST_VALIDATORS; ++i) {
            if (uint80(words[i]) < uint80(words[place])) place = i;
        }
        if (uint80(words[place]) >= weight) revert ValidatorSet_Full(MOST_VALIDATORS);
    }

    function _wordsAt(uint256 time) private view returns (uint256[] memory) {
        uint96 epoch = SafeCast.toUint96(time / epochLength);
        Latest memory latest = _latest;
        if (epoch >= latest.epoch) return CodeBlob.read(latest.blob, 0);
        return CodeBlob.read(address(_past.upperLookupRecent(epoch)), 0);
    }
}
