// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Listing, Profile, Terms, TokenTerms} from "../types/Types.sol";

/// @title Deployment
/// @notice What is fixed for ever when a market is deployed, and what follows from it alone.
abstract contract Deployment is ISweepMarket {
    IValidatorSet internal immutable VALIDATORS;
    IAuditCourt internal immutable COURT;
    IRandomness internal immutable RANDOMNESS;
    address internal immutable SESSIONS;

    uint256 private immutable CHAIN;
    bytes32 private immutable DOMAIN;
    bytes32 private immutable COURT_DOMAIN;

    uint256 private immutable WINDOW_LEAST;
    uint256 private immutable WINDOW_VERDICT_BPS;
    uint256 internal immutable VERDICT_TIME_LEAST;
    uint256 internal immutable VERDICT_TIME_MOST;
    uint256 internal immutable GRACE;
    uint256 internal immutable LEAST_VALIDATORS;
    uint256 private immutable SEATS;

    /// @dev The first token's terms lie in the code, where reading them is free: list the one most used first.
    address private immutable FIRST_TOKEN;
    uint256 private immutable FIRST_TERMS;
    /// @dev Cap (80 bits, the lowest), floor of a panel's fee (64), tip (64), least price (48).
    mapping(address token => uint256) private _terms;
    Profile private _profile;

    constructor(Parts memory parts_, Profile memory profile_, Listing[] memory tokens) {
        if (profile_.quorum > profile_.seats || 2 * profile_.quorum <= profile_.seats) {
            revert SweepMarket_BadProfile(profile_.seats, profile_.quorum);
        }
        VALIDATORS = IValidatorSet(parts_.validators);
        COURT = IAuditCourt(parts_.court);
        SESSIONS = parts_.sessions;
        RANDOMNESS = IRandomness(parts_.randomness);
        CHAIN = block.chainid;
        DOMAIN = TypedData.domain(address(this));
        COURT_DOMAIN = TypedData.domain(parts_.court);
        WINDOW_LEAST = profile_.windowLeast;
        WINDOW_VERDICT_BPS = profile_.windowVerdictBps;
        VERDICT_TIME_LEAST = profile_.verdictTimeLeast;
        VERDICT_TIME_MOST = profile_.verdictTimeMost;
        GRACE = profile_.grace;
        LEAST_VALIDATORS = profile_.leastValidators;
        SEATS = profile_.seats;
        _profile = profile_;
        for (uint256 i; i < tokens.length; ++i) {
            _list(tokens[i]);
        }
        FIRST_TOKEN = tokens[0].token;
        FIRST_TERMS = _terms[tokens[0].token];
    }

    modifier onlyCourt() {
        _onlyCourt();
        _;
    }

    /// @inheritdoc ISweepMarket
    function settleFrom(Terms calldata terms, uint256 commitTime)
        public
        view
        returns (uint256 from)
    {
        uint256 window =
            uint256(terms.verdictTime) * WINDOW_VERDICT_BPS / 10_000;
        if (window < WINDOW_LEAST) window = WINDOW_LEAST;
        return commitTime + window;
    }

    /// @inheritdoc ISweepMarket
    function tokenTerms(address token) external view returns (TokenTerms memory) {
        uint256 word = _termsOf(token);
        return TokenTerms(
            uint80(_cap(word)), uint64(_floor(word)), uint64(_tip(word)), uint48(_leastPrice(word))
        );
    }

    /// @inheritdoc ISweepMarket
    function profile() external view returns (Profile memory) {
        return _profile;
    }

    /// @inheritdoc ISweepMarket
    function parts() external view returns (Parts memory) {
        return Parts(address(VALIDATORS), address(COURT), SESSIONS, address(RANDOMNESS));
    }

    function _domain() internal view returns (bytes32) {
        return _domainOf(DOMAIN, address(this));
    }

    function _courtDomain() internal view returns (bytes32) {
        return _domainOf(COURT_DOMAIN, address(COURT));
    }

    /// @dev The separator as it was at deployment, unless a fork has another chain id.
    function _domainOf(bytes32 separator, address verifier) private view returns (bytes32) {
        return block.chainid == CHAIN ? separator : TypedData.domain(verifier);
    }

    function _termsOf(address token) internal view returns (uint256) {
        return token == FIRST_TOKEN ? FIRST_TERMS : _terms[token];
    }

    /// @dev The terms of a token that is listed.
    function _listed(address token) internal view returns (uint256 terms) {
        terms = _termsOf(token);
        if (terms == 0) revert SweepMarket_TokenNotListed(token);
    }

    function _cap(uint256 terms) internal pure returns (uint256) {
        return uint80(terms);
    }

    function _floor(uint256 terms) internal pure returns (uint256) {
        return uint64(terms >> 80);
    }

    function _tip(uint256 terms) internal pure returns (uint256) {
        return uint64(terms >> 144);
    }

    function _leastPrice(uint256 terms) internal pure returns (uint256) {
        return terms >> 208;
    }

    function _panelFee(uint256 price, uint256 terms) internal view returns (uint256) {
        return Bonds.panelFee(SEATS, price, _floor(terms));
    }

    /// @dev What the buyer pays: price, audit fee and tips.
    function _cost(uint256 price, uint256 segments, uint256 tips) internal pure returns (uint256) {
        unchecked {
            uint256 total = price * segments;
            return total + Bonds.auditFee(total) + tips;
        }
    }

    /// @dev A bond is at least two panels' floor: a tip of a quarter floor leaves room for all it has to pay.
    function _list(Listing memory listing) private {
        TokenTerms memory terms = listing.terms;
        bool bad = terms.cap == 0 || 4 * uint256(terms.tip) > terms.panelFloor;
        if (bad) revert SweepMarket_BadListing(listing.token);
        _terms[listing.token] = uint256(terms.cap) | uint256(terms.panelFloor) << 80
            | uint256(terms.tip) << 144 | uint256(terms.leastPrice) << 208;
    }

    function _onlyCourt() private view {
        if (msg.sender != address(COURT)) revert SweepMarket_NotCourt(msg.sender);
    }
}
