// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ids} from "../../src/libraries/Ids.sol";
import {Award, AwardStatus, Submission, Sweep} from "../../src/types/Types.sol";
import {MarketProof} from "./Market.sol";

contract EscrowProof is MarketProof {
    function check_commit(Sweep memory sweep, Award memory award, bytes32 root, uint32 done)
        external
    {
        sweep.terms.token = address(coin);
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = Submission(award, root, done, svm.createBytes(65, "signature"));
        _watch(address(coin), [award.seller, sweep.buyer, address(1), address(2)]);
        market.commit(sweep, submissions);
        _moved(address(coin), 0);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.POSTED);
    }
}
