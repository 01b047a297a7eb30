// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {PermitSig} from "../types/Types.sol";
import {Deployment} from "./Deployment.sol";

/// @title Accounts
/// @notice Everybody's balances in the listed tokens.
/// @dev An account is one word: free (112 bits, the lowest), locked (112), nonce (32). Free and locked together
/// fit 112 bits too, which is checked whenever their sum grows: then no move between them can overflow.
abstract contract Accounts is Deployment {
    using SafeERC20 for IERC20;

    struct Account {
        uint256 word;
    }

    /// @dev Nobody holds its key: what is credited to it is burned without a transfer that could fail.
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;

    uint256 private constant LOCKED = 112;
    uint256 private constant NONCE = 224;

    mapping(address token => mapping(address who => Account)) private _books;

    /// @inheritdoc ISweepMarket
    function deposit(address token, address to, uint256 amount) external payable {
        _deposit(token, to, amount, PermitSig(0, 0, 0, 0));
    }

    /// @inheritdoc ISweepMarket
    function depositWithPermit(
        address token,
        address to,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (token == address(0)) revert SweepMarket_TokenNotListed(token);
        _deposit(token, to, amount, PermitSig(deadline, v, r, s));
    }

    /// @inheritdoc ISweepMarket
    function withdraw(address token, uint256 amount, address to) external {
        _debit(token, msg.sender, amount);
        emit Withdrawn(token, msg.sender, to, amount);
        if (token != address(0)) {
            IERC20(token).safeTransfer(to, amount);
        } else {
            (bool sent,) = to.call{value: amount}("");
            if (!sent) revert SweepMarket_TransferFailed(to, amount);
        }
    }

    /// @inheritdoc ISweepMarket
    function bumpNonce(address token) external {
        Account storage a = _books[token][msg.sender];
        a.word += uint256(1) << NONCE;
        emit NonceBumped(token, msg.sender, _nonce(a.word));
    }

    /// @inheritdoc ISweepMarket
    function hold(address who, address token, uint256 amount) external onlyCourt {
        _debit(token, who, amount);
        _books[token][who].word += amount << LOCKED;
        emit DepositHeld(token, who, amount);
    }

    /// @inheritdoc ISweepMarket
    function release(
        address who,
        address token,
        uint256 amount,
        uint256 back,
        address[] calldata payees,
        uint256 each
    ) external onlyCourt {
        _takeLocked(token, who, amount);
        _credit(token, who, back);
        uint256 burned = _payEach(token, payees, each, amount - back);
        if (back != 0) emit DepositReturned(token, who, back);
        if (back != amount) emit DepositLost(token, who, amount - back, burned);
    }

    /// @inheritdoc ISweepMarket
    function account(address who, address token)
        external
        view
        returns (uint112 free, uint112 locked, uint32 nonce)
    {
        uint256 word = _books[token][who].word;
        return (_free(word), _locked(word), _nonce(word));
    }

    function _deposit(address token, address to, uint256 amount, PermitSig memory permit) private {
        _listed(token);
        _credit(token, to, amount);
        emit Deposited(token, to, msg.sender, amount);
        _pull(token, msg.sender, amount, permit);
    }

    /// @dev A token's book, as a number that a struct can hold.
    function _bookOf(address token) internal view returns (uint256 where) {
        mapping(address => Account) storage book = _books[token];
        assembly ("memory-safe") {
            where := book.slot
        }
    }

    function _book(uint256 where) internal pure returns (mapping(address => Account) storage book) {
        assembly ("memory-safe") {
            book.slot := where
        }
    }

    function _credit(address token, address who, uint256 amount) internal {
        _enter(_books[token], who, amount);
    }

    /// @dev A credit in a book that was looked up before.
    function _enter(mapping(address => Account) storage book, address who, uint256 amount)
        internal
    {
        if (amount == 0) return;
        Account storage a = book[who];
        a.word = _afterCredit(a.word, amount);
    }

    function _debit(address token, address who, uint256 amount) internal {
        Account storage a = _books[token][who];
        uint256 word = a.word;
        if (amount > _free(word)) {
            revert SweepMarket_FreeTooSmall(who, token, amount, _free(word));
        }
        unchecked {
            a.word = word - amount;
        }
    }

    /// @dev Ends a bond: it is free again, and the pay beside it.
    function _unlock(
        mapping(address => Account) storage book,
        address who,
        uint256 bond,
        uint256 pay
    ) internal {
        Account storage a = book[who];
        a.word = _afterCredit(_afterTake(a.word, bond), bond + pay);
    }

    /// @dev Takes a part of what is locked away from its owner.
    function _takeLocked(address token, address who, uint256 amount) internal {
        Account storage a = _books[token][who];
        a.word = _afterTake(a.word, amount);
    }

    /// @dev Pays everybody the same out of an amount. The rest is burned.
    function _payEach(address token, address[] calldata payees, uint256 each, uint256 amount)
        internal
        returns (uint256 burned)
    {
        burned = amount - each * payees.length;
        for (uint256 i; i < payees.length; ++i) {
            _credit(token, payees[i], each);
        }
        _credit(token, BURN, burned);
    }

    function _free(uint256 word) internal pure returns (uint112) {
        return uint112(word);
    }

    function _nonce(uint256 word) internal pure returns (uint32) {
        return uint32(word >> NONCE);
    }

    /// @dev The amount is no more than what is free.
    function _afterLock(uint256 word, uint256 amount) internal pure returns (uint256) {
        unchecked {
            return word - amount + (amount << LOCKED);
        }
    }

    /// @dev The value sent must be the amount of a native payment, and nothing beside a token's. Anyone can use up
    /// a permit first; the allowance is there all the same.
    function _pull(address token, address from, uint256 amount, PermitSig memory permit) internal {
        uint256 expected = token == address(0) ? amount : 0;
        if (msg.value != expected) revert SweepMarket_WrongValue(msg.value, expected);
        if (token == address(0) || amount == 0) return;
        if (permit.deadline != 0) {
            try IERC20Permit(token)
                .permit(
                    from, address(this), amount, permit.deadline, permit.v, permit.r, permit.s
                ) {}
                catch {}
        }
        IERC20(token).safeTransferFrom(from, address(this), amount);
    }

    function _locked(uint256 word) private pure returns (uint112) {
        return uint112(word >> LOCKED);
    }

    function _afterCredit(uint256 word, uint256 amount) private pure returns (uint256) {
        unchecked {
            // No sum wraps: each part has 112 bits, and the amount no more than is left of them.
            uint256 most = type(uint112).max;
            if (amount > most - (word & most) - (word >> LOCKED & most)) {
                revert SafeCast.SafeCastOverflowedUintDowncast(112, amount);
            }
            return word + amount;
        }
    }

    /// @dev No bond or deposit is ever taken twice, so what is locked covers it; checked all the same.
    function _afterTake(uint256 word, uint256 amount) private pure returns (uint256) {
        uint256 left = _locked(word) - amount;
        return word & ~(uint256(type(uint112).max) << LOCKED) | left << LOCKED;
    }
}
