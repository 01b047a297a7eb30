// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Actors} from "../actors/Actors.sol";

/// @notice Validators come and go.
abstract contract Validating is Actors {
    mapping(address who => uint256) private claimableAt;

    function bond(uint256 seed) external step(seed) {
        address who = _once(6) ? _anyone() : _anyOf(judges);
        uint256 value = _once(4) ? 0 : _throw(2 * uint256(LEAST_BOND));
        uint16 vramGib = uint16(_once(4) ? 16 : 24);
        bool fair = bonded[who] + value >= LEAST_BOND;
        bytes memory data = abi.encodeCall(validators.bond, (vramGib));
        _call(who, address(validators), value, data, fair);
        if (fair) bonded[who] += value;
    }

    function unbond(uint256 seed) external step(seed) {
        address who = _once(2) ? _anyone() : _anyOf(judges);
        uint256 have = bonded[who];
        uint256 amount = _once(3) ? have : _throw(have + 2);
        bool fair = amount != 0 && amount <= have;
        if (fair && amount != have && have - amount < LEAST_BOND) fair = false;
        _call(who, address(validators), 0, abi.encodeCall(validators.unbond, (amount)), fair);
        if (!fair) return;
        (bonded[who], unbonding[who]) = (have - amount, unbonding[who] + amount);
        claimableAt[who] = nowTime + UNBONDING;
    }

    function claim(uint256 seed) external step(seed) {
        address who = _once(2) ? _anyWith(credit) : _anyWith(unbonding);
        // Few wait so long, as all else ends meanwhile.
        if (unbonding[who] != 0 && _once(3)) _await(claimableAt[who]);
        bool over = nowTime >= claimableAt[who];
        bool fair = credit[who] + (over ? unbonding[who] : 0) != 0;
        _call(who, address(validators), 0, abi.encodeCall(validators.claim, (outsider)), fair);
        if (!fair) return;
        credit[who] = 0;
        if (over) unbonding[who] = 0;
    }
}
