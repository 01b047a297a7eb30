// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    BidFault,
    Commit,
    Docket,
    Entry,
    Funding,
    Offer,
    PermitSig,
    Profile,
    SignedVerdict,
    Submission,
    Sweep,
    Terms,
    TokenTerms
} from "../types/Types.sol";

/// @title ISweepMarket
/// @notice Keeps everybody's balances and one slot per award: escrow, bonds, settlement, refunds.
/// @dev Constructor: `(Parts parts, Profile profile, Listing[] tokens)`; the addresses are predicted, as the
/// contracts name each other. EIP-712 domain: name "compute-swarm", version "1", this contract.
///
/// Award slot: marked (1 bit) | docked (1) | status (6) | time (40) | tag (208). The tag of AWARDED is the low
/// part of `H(sweepId, award)`, from `commit` on of `H(sweepId, award, root, done, commitId, time, relayer)`; it
/// stays in the tombstone, so that the other awards of a commit can always be checked. The time is that of
/// the last transition. Marked is the first award of a commit that the court has a record of; docked is an
/// award whose bond paid its part of a panel.
interface ISweepMarket {
    /// @notice The other contracts of a deployment.
    struct Parts {
        address validators;
        address court;
        address sessions;
        address randomness;
    }

    /// @notice An account was credited what somebody paid in.
    event Deposited(
        address indexed token, address indexed account, address indexed from, uint256 amount
    );
    /// @notice A part of an account's free balance was paid out.
    event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);
    /// @notice All open bids of the account in the token are cancelled.
    event NonceBumped(address indexed token, address indexed account, uint32 nonce);
    /// @notice Emitted by every `award`, before its awards; a sweep that is awarded in parts has several.
    /// @param brought What came with the call, or was pulled from the buyer, into its account.
    event SweepOpened(
        bytes32 indexed sweepId,
        address indexed buyer,
        bytes32 specHash,
        Terms terms,
        uint256 brought
    );
    /// @notice A bid was accepted.
    /// @param cost Price, audit fee and two tips.
    event Awarded(
        bytes32 indexed sweepId,
        bytes32 indexed awardId,
        address indexed seller,
        uint32 trials,
        uint32 segments,
        uint128 price,
        uint40 deadline,
        uint256 bond,
        uint256 cost
    );
    /// @notice A bid was left out of an award.
    event BidSkipped(bytes32 indexed awardId, address indexed seller, BidFault reason);
    /// @notice Results were posted.
    event Committed(
        bytes32 indexed sweepId, bytes32 indexed commitId, address indexed relayer, Entry[] entries
    );
    /// @notice An award was upheld on every item and paid.
    /// @param paid To the seller, beside its bond.
    /// @param refunded To the buyer: segments not done, their audit fee, and the fee of items that a panel judged.
    /// @param fees To those who judged; what does not divide goes to the caller with its tip.
    event Settled(
        bytes32 indexed awardId,
        address indexed seller,
        uint256 paid,
        uint256 refunded,
        uint256 fees
    );
    /// @notice The first open dispute about the award began.
    event Disputed(bytes32 indexed awardId, bytes32 indexed disputeId);
    /// @notice The award's last dispute was dismissed.
    event Restored(bytes32 indexed awardId);
    /// @notice A panel refuted the award.
    event Slashed(
        bytes32 indexed awardId,
        address indexed seller,
        uint256 bond,
        uint256 refunded,
        uint256 burned
    );
    /// @notice Price and bond went back, for nothing could settle the award any more.
    /// @param fees To those who judged all the same, out of the audit fee.
    event Refunded(bytes32 indexed awardId, uint256 fees);
    /// @notice A bond paid its seller's part of a panel that upheld what had been withheld.
    event Docked(bytes32 indexed awardId, uint256 amount);
    /// @notice A challenger's deposit was locked.
    event DepositHeld(address indexed token, address indexed account, uint256 amount);
    /// @notice A challenger's deposit, or a part of it, is free again.
    event DepositReturned(address indexed token, address indexed account, uint256 amount);
    /// @notice A challenger's deposit, or a part of it, went to a panel or was burned.
    event DepositLost(
        address indexed token, address indexed account, uint256 amount, uint256 burned
    );
    /// @notice Nothing was committed in time.
    event Expired(bytes32 indexed awardId);

    /// @notice The market doesn't take the token.
    error SweepMarket_TokenNotListed(address token);
    /// @notice The token's cap is zero, or its tip above a quarter of its panels' floor.
    error SweepMarket_BadListing(address token);
    /// @notice A panel's quorum is no strict majority of its seats, or more than all.
    error SweepMarket_BadProfile(uint8 seats, uint8 quorum);
    /// @notice The value sent is not the payment in native coin.
    error SweepMarket_WrongValue(uint256 sent, uint256 expected);
    /// @notice The account's free balance doesn't cover it.
    error SweepMarket_FreeTooSmall(address who, address token, uint256 need, uint256 have);
    /// @notice The receiver refused the coin.
    error SweepMarket_TransferFailed(address to, uint256 amount);
    /// @notice Only the sweep's buyer awards.
    error SweepMarket_NotBuyer(address caller, address buyer);
    /// @notice Only the court rules.
    error SweepMarket_NotCourt(address caller);
    /// @notice Only the sessions award in a buyer's name.
    error SweepMarket_NotSessions(address caller);
    /// @notice The sweep's terms lie outside what the deployment allows.
    error SweepMarket_BadTerms(uint16 segments, uint32 verdictTime);
    /// @notice More offers than one call takes.
    error SweepMarket_TooManyOffers(uint256 offers, uint256 most);
    /// @notice Too few validators may judge the sweep.
    error SweepMarket_TooFewValidators(uint256 have, uint256 need);
    /// @notice A validator can't buy.
    error SweepMarket_BuyerValidates(address buyer);
    /// @notice Fewer trials could be awarded than the buyer accepts.
    error SweepMarket_TooFewTrials(uint256 awarded, uint256 least);
    /// @notice The award, or a word about it, is not as the slot has it.
    error SweepMarket_UnknownAward(bytes32 awardId);
    /// @notice The award is in another state than this needs.
    error SweepMarket_WrongStatus(bytes32 awardId, AwardStatus status);
    /// @notice No segment is done, or more than were awarded.
    error SweepMarket_BadDone(bytes32 awardId, uint32 done, uint32 segments);
    /// @notice The result or the verdict isn't signed by whose it is.
    error SweepMarket_BadSignature(bytes32 id, address signer);
    /// @notice More results than one commit takes.
    error SweepMarket_TooManyAwards(uint256 awards, uint256 most);
    /// @notice More items to audit than one commit takes.
    error SweepMarket_TooManyItems(uint256 items, uint256 most);
    /// @notice The commit's price is above the token's cap.
    error SweepMarket_AboveCap(uint256 price, uint256 cap);
    /// @notice None of the awards is open any more.
    error SweepMarket_NothingToCommit(bytes32 sweepId);
    /// @notice None of the commit's awards is posted and upheld on every item.
    error SweepMarket_NothingToSettle(bytes32 commitId);
    /// @notice The draw's entropy is not known yet, or lost.
    error SweepMarket_SeedUnknown(uint256 blockNumber);
    /// @notice The window, or the time for a result, is not over.
    error SweepMarket_TooEarly(uint256 from);
    /// @notice The award's deadline and grace are over.
    error SweepMarket_TooLate(uint256 by);
    /// @notice The answers are not as many, or not as formed, as the share's must be.
    error SweepMarket_BadAnswers(bytes32 commitId, uint8 share);
    /// @notice Another verdict was posted for the share, or its judge was summoned and none was.
    error SweepMarket_NotPosted(bytes32 commitId, uint8 share);
    /// @notice The commit has fewer shares.
    error SweepMarket_NoSuchShare(uint8 share, uint256 shares);
    /// @notice The award can still be settled.
    error SweepMarket_StillOpen(bytes32 awardId);

    /// @notice Credits an amount to an account's free balance, paid by the caller: as value for the native
    /// coin, by an allowance for a token.
    function deposit(address token, address to, uint256 amount) external payable;

    /// @notice `deposit` of a token with its ERC-2612 permit; a permit that was used already is no error
    /// as long as the allowance is there.
    function depositWithPermit(
        address token,
        address to,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Pays an amount of the caller's free balance to an address.
    function withdraw(address token, uint256 amount, address to) external;

    /// @notice Cancels all of the caller's open bids in a token.
    function bumpNonce(address token) external;

    /// @notice Accepts bids: pulls price, audit fee and tips from the buyer and locks the sellers' bonds.
    /// An invalid bid is skipped with its reason, and costs nothing.
    /// @param sweep Its buyer must be the caller.
    /// @param leastTrials Fewer trials awarded revert.
    /// @param funding Pulled in first; what is lacking comes from the free balance, what is over goes there.
    /// @return awardedTrials The trials awarded.
    function award(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding
    ) external payable returns (uint256 awardedTrials);

    /// @notice `award` for a buyer whose session is good for it; only the sessions. What is brought along as
    /// a token is pulled from the buyer, by its permit or allowance.
    /// @param relayer Paid a tip by the buyer; nobody if it is zero.
    /// @return awardedTrials The trials awarded.
    /// @return cost Price, audit fees and tips, the relayer's included.
    function awardFor(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding,
        address relayer
    ) external payable returns (uint256 awardedTrials, uint256 cost);

    /// @notice Several calls to this contract by one caller in one transaction: all succeed or none does.
    /// No value can come along.
    function multicall(bytes[] calldata calls) external returns (bytes[] memory results);

    /// @notice Posts results, until their awards' deadline and grace. Anyone may call and earns a tip per
    /// result, paid when its award ends; an award that is not open any more is skipped. At most 64 are taken
    /// at once.
    function commit(Sweep calldata sweep, Submission[] calldata submissions)
        external
        returns (bytes32 commitId);

    /// @notice Pays the awards of a commit that are upheld on every item. Anyone may call once the window
    /// is over and earns a tip per award; other awards are skipped.
    /// @dev A judge's signed verdict is enough, early or late, unless the court knows better: a verdict that
    /// was posted for a share is the only one that counts for it, and a share whose judge was summoned is
    /// answered only by what was posted in time, by its judge or by substitutes: two, or
    /// one once the last turn is over.
    function settle(Sweep calldata sweep, Commit calldata commit, SignedVerdict[] calldata verdicts)
        external
        returns (uint256 settled);

    /// @notice Gives price and bond back where nothing was committed by deadline and grace.
    function expireAward(Sweep calldata sweep, Award calldata award) external;

    /// @notice Gives price and bond back where nothing can settle the award any more: a share of it was
    /// summoned and ran out, or the seed is lost.
    /// @param verdicts Those of other shares: their judges are paid from the audit fee for what they upheld.
    function expirePosted(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        SignedVerdict[] calldata verdicts
    ) external;

    /// @notice The court has a record of the commit that begins with this award; only the court.
    function mark(bytes32 awardId) external;

    /// @notice A dispute about the award began; only the court.
    function dispute(bytes32 awardId, bytes32 disputeId) external;

    /// @notice The award's last dispute was dismissed; only the court.
    function restore(bytes32 awardId) external;

    /// @notice A panel refuted the award; only the court. The buyer gets all back; the bond pays the
    /// relayer's tip, then the payees in order as far as it reaches; the rest is burned.
    /// @return bond What was slashed.
    function slash(
        Sweep calldata sweep,
        Award calldata award,
        address relayer,
        address[] calldata payees,
        uint256[] calldata amounts
    ) external returns (uint256 bond);

    /// @notice No panel decided on the award; only the court. Gives price and bond back; the audit fee pays
    /// the payees first.
    function refund(
        Sweep calldata sweep,
        Award calldata award,
        address relayer,
        address[] calldata payees,
        uint256[] calldata amounts
    ) external;

    /// @notice Takes the seller's part of a panel out of the award's bond, once; only the court. Half of a panel's
    /// fee goes to the payees in equal parts, the rest is burned. Does nothing the second time, nor once the
    /// bond is gone.
    /// @return each The credit of one payee.
    function dock(Sweep calldata sweep, Award calldata award, address[] calldata payees)
        external
        returns (uint256 each);

    /// @notice Locks a deposit out of an account's free balance; only the court.
    function hold(address who, address token, uint256 amount) external;

    /// @notice Ends a deposit; only the court. Each payee gets its part, the account gets `back`, and the
    /// rest is burned.
    function release(
        address who,
        address token,
        uint256 amount,
        uint256 back,
        address[] calldata payees,
        uint256 each
    ) external;

    /// @notice A balance and the bid nonce.
    /// @return free May be withdrawn.
    /// @return locked Bonds of open awards, and deposits of open challenges.
    function account(address who, address token)
        external
        view
        returns (uint112 free, uint112 locked, uint32 nonce);

    /// @notice An award's slot.
    function awardSlot(bytes32 awardId) external view returns (uint256);

    /// @notice Holds a commit against the award slots and works out what follows from it. Reverts where a
    /// word of it is not as it was posted.
    function docket(Sweep calldata sweep, Commit calldata commit)
        external
        view
        returns (Docket memory);

    /// @notice What holds for a token.
    function tokenTerms(address token) external view returns (TokenTerms memory);

    /// @notice The deployment's constants.
    function profile() external view returns (Profile memory);

    /// @notice When `settle` opens: from then on no challenge is taken, and silent judges may be summoned
    /// once the verdict time is over too.
    function settleFrom(Terms calldata terms, uint256 commitTime) external view returns (uint256);

    /// @notice The other contracts of this deployment.
    function parts() external view returns (Parts memory);
}
