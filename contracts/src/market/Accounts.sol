// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {Listing, PermitSig, TokenTerms} from "../types/Types.sol";

/// @title Accounts
/// @notice Everybody's balances in the listed tokens.
abstract contract Accounts is ISweepMarket {
    using SafeERC20 for IERC20;

    struct Account {
        uint112 free;
        uint112 locked;
        uint32 nonce;
    }

    mapping(address who => mapping(address token => Account)) internal _accounts;
    mapping(address token => TokenTerms) internal _tokens;

    constructor(Listing[] memory tokens) {
        for (uint256 i; i < tokens.length; ++i) {
            _list(tokens[i]);
        }
    }

    /// @inheritdoc ISweepMarket
    function deposit(address token, address to, uint256 amount) external payable {
        _requireListed(token);
        _credit(to, token, amount);
        emit Deposited(token, to, msg.sender, amount);
        _pull(token, msg.sender, amount);
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
        _requireListed(token);
        if (token == address(0)) revert SweepMarket_TokenNotListed(token);
        _credit(to, token, amount);
        emit Deposited(token, to, msg.sender, amount);
        _permit(token, amount, PermitSig(deadline, v, r, s));
        _pull(token, msg.sender, amount);
    }

    /// @inheritdoc ISweepMarket
    function withdraw(address token, uint256 amount, address to) external {
        _debit(msg.sender, token, amount);
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
        uint32 nonce = ++_accounts[msg.sender][token].nonce;
        emit NonceBumped(token, msg.sender, nonce);
    }

    /// @inheritdoc ISweepMarket
    function account(address who, address token)
        external
        view
        returns (uint112 free, uint112 locked, uint32 nonce)
    {
        Account memory a = _accounts[who][token];
        return (a.free, a.locked, a.nonce);
    }

    /// @inheritdoc ISweepMarket
    function tokenTerms(address token) external view returns (TokenTerms memory) {
        return _tokens[token];
    }

    function _credit(address who, address token, uint256 amount) internal {
        if (amount == 0) return;
        _accounts[who][token].free += SafeCast.toUint112(amount);
    }

    function _debit(address who, address token, uint256 amount) internal {
        Account storage a = _accounts[who][token];
        if (amount > a.free) revert SweepMarket_FreeTooSmall(who, token, amount, a.free);
        // Fits: the amount is no more than the free balance.
        a.free -= uint112(amount);
    }

    function _unlock(address who, address token, uint256 bond, uint256 pay) internal {
        Account storage a = _accounts[who][token];
        (uint112 free, uint112 locked, uint32 nonce) = (a.free, a.locked, a.nonce);
        free += SafeCast.toUint112(bond + pay);
        locked -= SafeCast.toUint112(bond);
        (a.free, a.locked, a.nonce) = (free, locked, nonce);
    }

    /// @dev The value sent must be the amount of a native payment, and nothing beside a token's.
    function _pull(address token, address from, uint256 amount) internal {
        uint256 expected = token == address(0) ? amount : 0;
        if (msg.value != expected) revert SweepMarket_WrongValue(msg.value, expected);
        if (token != address(0) && amount != 0) {
            IERC20(token).safeTransferFrom(from, address(this), amount);
        }
    }

    /// @dev Anyone can use up a permit first; the allowance is there all the same.
    function _permit(address token, uint256 amount, PermitSig memory permit) internal {
        try IERC20Permit(token)
            .permit(
                msg.sender, address(this), amount, permit.deadline, permit.v, permit.r, permit.s
            ) {}
            catch {}
    }

    function _requireListed(address token) private view {
        if (!_tokens[token].listed) revert SweepMarket_TokenNotListed(token);
    }

    /// @dev A bond is at least two panels' floor: a tip of a quarter floor leaves room for all it has to pay.
    function _list(Listing memory listing) private {
        bool bad = listing.cap == 0 || 4 * uint256(listing.tip) > listing.panelFloor;
        if (bad) revert SweepMarket_BadListing(listing.token);
        _tokens[listing.token] =
            TokenTerms(listing.tip, listing.panelFloor, listing.cap, listing.leastPrice, true);
    }
}
