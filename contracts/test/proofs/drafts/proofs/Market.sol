// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SweepMarket} from "../../src/SweepMarket.sol";
import {ISweepMarket} from "../../src/interfaces/ISweepMarket.sol";
import {Listing, Profile, TokenTerms} from "../../src/types/Types.sol";
import {Proof} from "./Proof.sol";

/// @notice A token that takes no fee, as those on the list are.
contract Coin {
    mapping(address who => uint256 amount) public balanceOf;

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// @notice The market in any state, whatever its storage holds, with any terms.
/// @dev A proof lists what moves, to whom and from whom. `anyone` is any account, those named among them: what
/// holds for it holds for all, so that the books change by what was listed and by nothing else.
abstract contract MarketProof is Proof {
    address internal constant COURT = address(0xC0);
    address internal constant SESSIONS = address(0x5E);

    SweepMarket internal market;
    Coin internal coin;
    uint8 internal seats;

    address private _anyone;
    uint256 private _free;
    uint256 private _locked;
    uint256 private _nonce;
    uint256 private _held;
    /// @dev What all accounts together got, modulo 2^256: no part has more than 128 bits.
    uint256 private _got;

    function setUp() public virtual {
        coin = new Coin();
        market = new SweepMarket(_parts(), _profile(), _listings());
        svm.enableSymbolicStorage(address(market));
        svm.enableSymbolicStorage(address(coin));
        vm.deal(address(market), svm.createUint(128, "held"));
    }

    function _parts() internal view virtual returns (ISweepMarket.Parts memory) {
        return ISweepMarket.Parts(address(0xA0), COURT, SESSIONS, address(0x4A));
    }

    function _profile() private returns (Profile memory profile) {
        seats = uint8(svm.createUint(8, "seats"));
        vm.assume(seats != 0);
        (profile.seats, profile.quorum) = (seats, seats);
        profile.grace = uint32(svm.createUint(32, "grace"));
        profile.verdictTimeMost = type(uint32).max;
    }

    /// @dev The terms of the native coin; a token's are whatever storage holds.
    function _listings() private pure returns (Listing[] memory tokens) {
        TokenTerms memory terms = TokenTerms({
            cap: uint80(svm.createUint(80, "cap")),
            panelFloor: uint64(svm.createUint(64, "panelFloor")),
            tip: uint64(svm.createUint(64, "tip")),
            leastPrice: uint48(svm.createUint(48, "leastPrice"))
        });
        vm.assume(terms.cap != 0 && 4 * uint256(terms.tip) <= terms.panelFloor);
        tokens = new Listing[](1);
        tokens[0].terms = terms;
    }

    // --- what is listed to move ---

    /// @dev Watches one of four parties, who are different people, or anybody else.
    function _watch(address token, address[4] memory parties) internal {
        address anyone = svm.createAddress("anyone");
        for (uint256 i; i < 4; ++i) {
            for (uint256 j; j < i; ++j) {
                vm.assume(parties[i] != parties[j]);
            }
        }
        uint256 which = svm.createUint256("which");
        for (uint256 i; i < 4; ++i) {
            if (which == i) anyone = parties[i];
        }
        if (which >= 4) {
            for (uint256 i; i < 4; ++i) {
                vm.assume(anyone != parties[i]);
            }
        }
        _remember(token, anyone);
    }

    /// @dev Watches any account, where up to seven are parties: one of them or a bystander.
    function _watch(address token) internal {
        _remember(token, _party("anyone"));
    }

    function _remember(address token, address anyone) private {
        _anyone = anyone;
        (_free, _locked, _nonce) = market.account(anyone, token);
        vm.assume(_free + _locked <= type(uint112).max);
        _held = _holdings(token);
    }

    function _gets(address who, uint256 amount) internal {
        unchecked {
            _got += amount;
            _free += _if(who == _anyone, amount);
        }
    }

    function _pays(address who, uint256 amount) internal {
        unchecked {
            _got -= amount;
            _free -= _if(who == _anyone, amount);
        }
    }

    function _locks(address who, uint256 amount) internal {
        unchecked {
            _free -= _if(who == _anyone, amount);
            _locked += _if(who == _anyone, amount);
        }
    }

    function _loses(address who, uint256 amount) internal {
        unchecked {
            _got -= amount;
            _locked -= _if(who == _anyone, amount);
        }
    }

    /// @dev Every account moved as listed and fits its word, and all together got what came in and what was
    /// escrowed no more.
    function _moved(address token, uint256 freed) internal view {
        (uint256 free, uint256 locked, uint256 nonce) = market.account(_anyone, token);
        unchecked {
            assert(_got == _holdings(token) - _held + freed);
        }
        assert(free == _free);
        // One question for both.
        assert(locked ^ _locked | nonce ^ _nonce == 0);
        assert(free + locked <= type(uint112).max);
    }

    function _holdings(address token) private view returns (uint256) {
        return token == address(0) ? address(market).balance : coin.balanceOf(address(market));
    }

    function _token(bool native) internal view returns (address) {
        return native ? address(0) : address(coin);
    }
}
