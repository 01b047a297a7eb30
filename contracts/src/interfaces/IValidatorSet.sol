// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IValidatorSet
/// @notice Keeps the validators' bonds in the native coin and the set of every epoch.
/// @dev Constructor: `(address court, address oversight, uint80 leastBond, uint40 epochLength,
/// uint40 unbondingTime)`.
/// A set is one packed blob in contract code. Whatever changes it takes effect at the next epoch, so the
/// set of an epoch that has begun is final.
interface IValidatorSet {
    /// @notice One validator of a set.
    struct Entry {
        address validator;
        uint16 vramGib;
        uint80 bond;
    }

    /// @notice A validator's money and tier as they are now.
    /// @param bond What counts from the next epoch on.
    /// @param unbonding What leaves, and can still be fined.
    /// @param claimableAt When the unbonding part may be claimed.
    /// @param credit Earned on panels, claimable at once.
    struct Validator {
        uint80 bond;
        uint16 vramGib;
        uint40 claimableAt;
        uint80 unbonding;
        uint80 credit;
    }

    /// @notice A bond was raised, or a tier named.
    event Bonded(address indexed validator, uint256 amount, uint16 vramGib);
    /// @notice A part of a bond leaves, and may be claimed from then on.
    event Unbonding(address indexed validator, uint256 amount, uint256 claimableAt);
    /// @notice A validator was paid its credit, and what it had unbonded.
    event Claimed(address indexed validator, address to, uint256 amount);
    /// @notice A validator lost something.
    /// @param burned What of it nobody got.
    event Fined(address indexed validator, uint256 amount, uint256 burned);

    /// @notice The bond would be below the least; or nothing is to leave, or more than there is.
    error ValidatorSet_BondTooSmall(uint256 bond, uint256 least);
    /// @notice The set is full, and no bond in it smaller.
    error ValidatorSet_Full(uint256 most);
    /// @notice The validator has nothing that is due.
    error ValidatorSet_NothingToClaim(address validator);
    /// @notice Only the court and the oversight fine, and the latter alone takes all.
    error ValidatorSet_NotAllowed(address caller);
    /// @notice The receiver refused the coin.
    error ValidatorSet_TransferFailed(address to, uint256 amount);

    /// @notice Adds the value sent to the caller's bond and names its memory tier; no value changes the
    /// tier alone. The bond must reach the least. Where the set is full, a newcomer takes the place of the
    /// smallest bond if its own is greater; whose place is taken keeps its bond, which it may unbond.
    function bond(uint16 vramGib) external payable;

    /// @notice Takes an amount out of the caller's bond; it may be claimed after the unbonding time, which
    /// begins anew for what is still unbonding. What stays must be nothing or the least bond.
    function unbond(uint256 amount) external;

    /// @notice Pays the caller's credit, and what it unbonded once the time is over, to an address.
    function claim(address to) external;

    /// @notice Takes up to an amount from a validator; only the court and the oversight. Each payee is
    /// credited its part as far as it reaches, and the rest is burned.
    /// @param each Wanted for one payee; an address named twice has it twice.
    /// @return paid The credit of one payee.
    function fine(address validator, uint256 amount, address[] calldata payees, uint256 each)
        external
        returns (uint256 paid);

    /// @notice Takes all that a validator has bonded or is unbonding: a tenth to whoever showed its fault, the
    /// rest is burned; only the oversight.
    function forfeit(address validator, address reporter) external returns (uint256 amount);

    /// @notice A validator as it stands.
    function validator(address who) external view returns (Validator memory);

    /// @notice The set of the epoch that a time lies in, in order.
    function setAt(uint256 time) external view returns (Entry[] memory);

    /// @notice Who may judge: of the tier, and not to be skipped.
    /// @return count How many they are.
    /// @return total Their bonds' sum.
    /// @return related Bit i is set where `skip[i]` is in the set, of whatever tier; of 256 at most.
    function eligible(uint256 time, uint16 vramGib, address[] calldata skip)
        external
        view
        returns (uint256 count, uint256 total, uint256 related);

    /// @notice A seat for each draw: the first eligible validator whose running sum of bonds exceeds the
    /// draw modulo the total. Zero addresses when nobody is eligible.
    function pick(uint256 time, uint16 vramGib, address[] calldata skip, uint256[] calldata draws)
        external
        view
        returns (address[] memory seats);

    /// @notice The least bond of a validator.
    function leastBond() external view returns (uint80);

    /// @notice Seconds of an epoch; epochs are counted from time zero.
    function epochLength() external view returns (uint40);

    /// @notice Seconds from `unbond` to `claim`.
    function unbondingTime() external view returns (uint40);

    /// @notice One of the two that fine.
    function court() external view returns (address);

    /// @notice The other one, which also takes whole bonds.
    function oversight() external view returns (address);
}
