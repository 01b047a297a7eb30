// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDeployer
/// @notice Creates contracts at addresses that follow from who asks and a salt alone, not from the code: so
/// contracts can name each other in their constructors, and lie at the same addresses on every chain.
/// @dev Has no state and no owner. It is put on a chain by the deterministic deployment proxy
/// 0x4e59b44847b379578588920cA78FbF26c0B4956C with salt zero, so its own address is the same everywhere too.
interface IDeployer {
    /// @notice A contract was created.
    event Deployed(address indexed sender, bytes32 indexed salt, address indexed created);

    /// @notice The sender used the salt before.
    error Deployer_Taken(address sender, bytes32 salt);
    /// @notice The creation code left no contract.
    error Deployer_NoCode(address sender, bytes32 salt);

    /// @notice Creates a contract at `addressOf(caller, salt)`; nobody else can take that address. What its constructor
    /// reverts with comes back.
    /// @param initCode Creation code and encoded constructor arguments.
    function deploy(bytes32 salt, bytes calldata initCode) external returns (address created);

    /// @notice Where a contract that `sender` creates with this salt lies, or will.
    function addressOf(address sender, bytes32 salt) external view returns (address);
}
