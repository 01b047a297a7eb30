// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDeployer} from "./interfaces/IDeployer.sol";

/// @title Deployer
/// @notice CREATE2 of a tiny contract that in turn CREATEs what it is called with, as its first.
contract Deployer is IDeployer {
    /// @dev The tiny contract's creation code: returns the 20 bytes that follow its first, which are
    /// 36 3d 3d 37  calldatacopy(0, 0, calldatasize), as returndatasize is 0 before any call
    /// 36 3d 34 f0  create(callvalue, 0, calldatasize)
    /// 3d 5f 5f 3e  returndatacopy(0, 0, returndatasize)
    /// 60 12 57     if created, jump to the last two
    /// 3d 5f fd     revert(0, returndatasize)
    /// 5b 00        stop
    bytes private constant CRADLE = hex"73363d3d37363d34f03d5f5f3e6012573d5ffd5b005f526014600cf3";

    /// @inheritdoc IDeployer
    function deploy(bytes32 salt, bytes calldata initCode) external returns (address created) {
        bytes32 own = _own(msg.sender, salt);
        address cradle = _cradle(own);
        if (cradle.code.length != 0) revert Deployer_Taken(msg.sender, salt);

        created = _childOf(cradle);
        emit Deployed(msg.sender, salt, created);
        bytes memory code = CRADLE;
        assembly ("memory-safe") {
            pop(create2(0, add(code, 32), mload(code), own))
        }
        (bool done, bytes memory why) = cradle.call(initCode);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(why, 32), mload(why))
            }
        }
        if (created.code.length == 0) revert Deployer_NoCode(msg.sender, salt);
    }

    /// @inheritdoc IDeployer
    function addressOf(address sender, bytes32 salt) external view returns (address) {
        return _childOf(_cradle(_own(sender, salt)));
    }

    function _own(address sender, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(sender, salt));
    }

    function _cradle(bytes32 own) private view returns (address) {
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(this), own, keccak256(CRADLE)));
        return address(uint160(uint256(hash)));
    }

    /// @dev RLP of (cradle, 1): a contract's first creation has the nonce 1.
    function _childOf(address cradle) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", cradle, hex"01")))));
    }
}
