// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../../../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Commit,
    DisputeKind,
    DisputeStatus,
    Docket,
    Session,
    Sweep
} from "../../../src/types/Types.sol";
import {Fixture} from "../../Fixture.t.sol";

/// @notice What should be: the books as a clerk keeps them who knows the rules and not the contracts.
/// @dev Written for reading, not for gas. Of the contracts the clerk asks the entropy, the set of an epoch, and how
/// many items a commit has; it deals, draws and divides by itself.
abstract contract Store is Fixture {
    struct Made {
        uint256 plan;
        Award award;
        bytes offer;
        AwardStatus status;
        uint256 since; // Of the last transition.
        uint256 tag;
        uint256 round; // Where it was posted, counted from one.
        bool first; // Of its round.
        uint256 open; // Disputes.
        bool lapsed; // A verdict's dispute found no panel.
        bool docked;
        uint256 ended; // Its slot when it ended.
    }

    /// @dev What the buyer and the seller put up for an award, and what of it was paid to whomever.
    struct Purse {
        uint256 pulled;
        uint256 paid;
        uint256 bond;
        uint256 bondPaid;
    }

    /// @dev What an award's events tell: what was put up, and where it went.
    struct Told {
        uint256 cost;
        uint256 bond;
        uint256 paid;
        uint256 refunded;
        uint256 fees;
        uint256 docked;
        uint256 slashed;
        uint256 burned;
    }

    struct Round {
        uint256 plan;
        bytes commit;
        bytes32 id;
        bool marked;
    }

    struct Case {
        uint256 round;
        uint256 index;
        uint256 place; // Of its award, in `made`.
        uint256 subject;
        bytes32 id;
        DisputeKind kind;
        DisputeStatus status;
        uint256 panels; // Found no quorum.
        uint256 time;
        uint256 height;
        address accuser;
    }

    /// @dev A round, with all that follows from it.
    struct Scene {
        uint256 round;
        Sweep sweep;
        Commit commit;
        Docket d;
        IValidatorSet.Entry[] set;
    }

    enum By {
        NOBODY,
        JUDGE,
        PAIR,
        PANEL
    }

    /// @dev By whose word each share upholds an award, and how many answers about it the share has.
    struct Ruling {
        By[] by;
        uint256[] counts;
        uint256 answers;
        bool upheld;
    }

    struct Spent {
        Session session;
        uint256 plan;
        address[] sellers;
        bool open;
        bool revoked;
        uint32 last;
        uint256 spent; // As the buyer's account tells it.
    }

    /// @dev A demand, and what it is about.
    struct Wanted {
        uint256 round;
        bytes verdict;
        address judge;
        uint256 item;
        bytes32 id;
        uint256 time;
        address demander;
        bool closed;
    }

    uint256 internal constant CHALLENGE = 1 << 255;
    uint256 internal constant MARKED = 1 << 255;
    uint256 internal constant JUDGE_TIME = 60;
    uint256 internal constant PANEL_TIME = 120;
    uint256 internal constant DEMAND_TIME = 60;
    uint256 internal constant WINDOW = 15;
    uint256 internal constant GRACE = 10;

    // --- what was made, posted and disputed ---

    Sweep[] internal plans;
    Made[] internal made;
    Round[] internal rounds;
    Case[] internal cases;
    mapping(bytes32 awardId => uint256) internal placeOf; // In `made`, counted from one.
    mapping(bytes32 disputeId => uint256) internal caseOf; // Likewise.
    mapping(bytes32 awardId => Purse) internal purses;
    mapping(bytes32 awardId => Told) internal due; // As the rules say it.
    mapping(bytes32 awardId => Told) internal told; // As the market does.

    /// @dev The k that each trial of an award starts from.
    mapping(bytes32 awardId => uint256) internal firstOf;

    // --- what was said ---

    mapping(bytes32 commitId => mapping(uint256 share => uint256)) internal summonedAt;

    mapping(bytes32 commitId => mapping(uint256 share => mapping(uint256 seat => bytes))) internal
        words;

    mapping(bytes32 awardId => uint256 shares) internal disputedBy;
    mapping(bytes32 awardId => uint256 shares) internal clearedFor;

    // --- what was allowed and asked for ---

    Spent[] internal spendings;
    Wanted[] internal wanted;

    // --- what everybody has ---

    address[] internal people;
    mapping(address token => mapping(address who => uint32)) internal nonces;
    mapping(address token => mapping(address who => uint256)) internal free;
    mapping(address token => mapping(address who => uint256)) internal locked;
    mapping(address who => uint256) internal bonded;
    mapping(address who => uint256) internal unbonding;
    mapping(address who => uint256) internal credit;
    mapping(address who => uint256) internal earned; // With the oversight.

    // --- how often what happened ---

    mapping(bytes32 what => uint256) internal counts;

    mapping(AwardStatus status => uint256) internal reached;
    mapping(DisputeKind kind => mapping(DisputeStatus status => uint256)) internal disputes;

    function _tick(bytes32 what) internal {
        ++counts[what];
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _isOpen(AwardStatus status) internal pure returns (bool) {
        return status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
    }
}
