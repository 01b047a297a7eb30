// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

/// @title StructPerTrial
/// @notice What the market's gas is compared with, and no part of it: an escrow as one writes it first, a struct,
/// four transactions and a payment for each trial. It is never deployed but by `make gas`.
/// @dev It does less than the market (no draw, one judge and no dispute, the seller's consent taken for
/// granted), which flatters it. The struct is packed into four words.
contract StructPerTrial is ReentrancyGuard {
    enum Status {
        NONE,
        AWARDED,
        SUBMITTED,
        JUDGED,
        CLOSED
    }

    struct Trial {
        address buyer;
        uint96 price;
        address seller;
        uint96 bond;
        address judge;
        uint40 deadline;
        uint40 judgedAt;
        Status status;
        bool verdict;
        bytes32 resultHash;
    }

    uint256 private constant AUDIT_FEE_BPS = 800;
    uint256 private constant BOND_BPS = 20_000;
    uint256 private constant WINDOW = 15;

    /// @notice The trials by number, from 1 on.
    mapping(uint256 number => Trial) public trials;
    /// @notice How many trials there are.
    uint256 public count;
    /// @notice What of a seller's stake no trial holds.
    mapping(address seller => uint256) public stakeOf;
    /// @notice Who may judge.
    mapping(address who => bool) public validates;

    event Awarded(
        uint256 indexed number, address indexed buyer, address indexed seller, uint256 price
    );
    event Submitted(uint256 indexed number, bytes32 resultHash);
    event Judged(uint256 indexed number, address indexed judge, bool verdict);
    event Settled(uint256 indexed number, address indexed seller, uint256 paid);
    event Refunded(uint256 indexed number, address indexed buyer, uint256 refunded);

    error StructPerTrial_WrongStatus(uint256 number, Status status);
    error StructPerTrial_WrongValue(uint256 sent, uint256 due);
    error StructPerTrial_NotYours(uint256 number, address who);
    error StructPerTrial_StakeTooSmall(address seller, uint256 free, uint256 bond);
    error StructPerTrial_Late(uint256 number);
    error StructPerTrial_Early(uint256 number);
    error StructPerTrial_TransferFailed(address to, uint256 amount);

    constructor(address[] memory validators) {
        for (uint256 i; i < validators.length; ++i) {
            validates[validators[i]] = true;
        }
    }

    /// @notice Adds to the caller's stake.
    function stake() external payable {
        stakeOf[msg.sender] += msg.value;
    }

    /// @notice Takes free stake out.
    function unstake(uint256 amount) external nonReentrant {
        uint256 free = stakeOf[msg.sender];
        if (amount > free) revert StructPerTrial_StakeTooSmall(msg.sender, free, amount);
        stakeOf[msg.sender] = free - amount;
        _send(msg.sender, amount);
    }

    /// @notice The buyer pays a trial's price and its audit fee, and the seller's bond is held.
    function award(address seller, uint96 price, uint40 deadline)
        external
        payable
        nonReentrant
        returns (uint256 number)
    {
        uint256 due = price + _fee(price);
        if (msg.value != due) revert StructPerTrial_WrongValue(msg.value, due);
        uint256 bond = uint256(price) * BOND_BPS / 10_000;
        uint256 free = stakeOf[seller];
        if (bond > free) revert StructPerTrial_StakeTooSmall(seller, free, bond);

        stakeOf[seller] = free - bond;
        number = ++count;
        Trial storage trial = trials[number];
        trial.buyer = msg.sender;
        trial.price = price;
        trial.seller = seller;
        trial.bond = uint96(bond);
        trial.deadline = deadline;
        trial.status = Status.AWARDED;
        emit Awarded(number, msg.sender, seller, price);
    }

    /// @notice The seller's result.
    function submit(uint256 number, bytes32 resultHash) external nonReentrant {
        Trial storage trial = _trial(number, Status.AWARDED);
        if (msg.sender != trial.seller) revert StructPerTrial_NotYours(number, msg.sender);
        if (block.timestamp > trial.deadline) revert StructPerTrial_Late(number);

        trial.resultHash = resultHash;
        trial.status = Status.SUBMITTED;
        emit Submitted(number, resultHash);
    }

    /// @notice A validator's word about it.
    function judge(uint256 number, bool verdict) external nonReentrant {
        Trial storage trial = _trial(number, Status.SUBMITTED);
        if (!validates[msg.sender]) revert StructPerTrial_NotYours(number, msg.sender);

        trial.judge = msg.sender;
        trial.judgedAt = uint40(block.timestamp);
        trial.verdict = verdict;
        trial.status = Status.JUDGED;
        emit Judged(number, msg.sender, verdict);
    }

    /// @notice Pays the seller and its judge, once the window is over; a refuted trial's bond stays here.
    function settle(uint256 number) external nonReentrant {
        Trial storage trial = _trial(number, Status.JUDGED);
        if (block.timestamp < trial.judgedAt + WINDOW) revert StructPerTrial_Early(number);

        trial.status = Status.CLOSED;
        (address seller, uint256 price) = (trial.seller, trial.price);
        if (trial.verdict) {
            stakeOf[seller] += trial.bond;
            emit Settled(number, seller, price);
            _send(seller, price);
        } else {
            emit Refunded(number, trial.buyer, price);
            _send(trial.buyer, price);
        }
        _send(trial.judge, _fee(price));
    }

    /// @notice Money and bond back where nothing was delivered.
    function expire(uint256 number) external nonReentrant {
        Trial storage trial = _trial(number, Status.AWARDED);
        if (block.timestamp <= trial.deadline) revert StructPerTrial_Early(number);

        trial.status = Status.CLOSED;
        stakeOf[trial.seller] += trial.bond;
        uint256 refunded = trial.price + _fee(trial.price);
        emit Refunded(number, trial.buyer, refunded);
        _send(trial.buyer, refunded);
    }

    function _send(address to, uint256 amount) private {
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert StructPerTrial_TransferFailed(to, amount);
    }

    function _trial(uint256 number, Status status) private view returns (Trial storage trial) {
        trial = trials[number];
        if (trial.status != status) revert StructPerTrial_WrongStatus(number, trial.status);
    }

    function _fee(uint256 price) private pure returns (uint256) {
        return price * AUDIT_FEE_BPS / 10_000;
    }
}
