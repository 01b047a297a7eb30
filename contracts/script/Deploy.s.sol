// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuditCourt} from "../src/AuditCourt.sol";
import {BlockhashRandomness} from "../src/BlockhashRandomness.sol";
import {Deployer} from "../src/Deployer.sol";
import {DrandRandomness} from "../src/DrandRandomness.sol";
import {Oversight} from "../src/Oversight.sol";
import {SpendSessions} from "../src/SpendSessions.sol";
import {SweepMarket} from "../src/SweepMarket.sol";
import {ValidatorSet} from "../src/ValidatorSet.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Listing, Profile, TokenTerms} from "../src/types/Types.sol";

/// @notice The cheat codes that the script uses.
interface ScriptVm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function readCallers() external returns (uint256 mode, address sender, address origin);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonString(string calldata json, string calldata key)
        external
        pure
        returns (string memory);
    function parseJsonUint(string calldata json, string calldata key)
        external
        pure
        returns (uint256);
    function parseJsonAddress(string calldata json, string calldata key)
        external
        pure
        returns (address);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function toString(uint256 value) external pure returns (string memory);
}

/// @title Deploy
/// @notice Deploys a profile as `swarm net deploy` does, to the same addresses, a transaction each; what is there
/// already stays. `profiles.json` is written from the Python package's profiles.
/// @dev forge script contracts/script/Deploy.s.sol --sig 'run(string,string)' sepolia v1
///   --rpc-url ... --account ... --broadcast
contract Deploy {
    ScriptVm private constant VM = ScriptVm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    address private constant PROXY = 0x4e59b44847b379578588920cA78FbF26c0B4956C;

    string private _json;
    string private _profile;
    string private _edition;
    address private _sender;
    Deployer private _deployer;

    error Deploy_WrongChain(uint256 chain, uint256 expected);
    error Deploy_NoProxy();

    function run(string calldata profile, string calldata edition) external {
        _json = VM.readFile("contracts/script/profiles.json");
        (_profile, _edition) = (profile, edition);
        uint256 chain = _number("chain_id");
        if (chain != 0 && chain != block.chainid) revert Deploy_WrongChain(block.chainid, chain);

        VM.startBroadcast();
        (, _sender,) = VM.readCallers();
        _deployer = _putDeployer();
        string memory source = VM.parseJsonString(_json, _key("entropy.contract"));
        ISweepMarket.Parts memory parts = ISweepMarket.Parts({
            validators: _placeOf("ValidatorSet"),
            court: _placeOf("AuditCourt"),
            sessions: _placeOf("SpendSessions"),
            randomness: _placeOf(source)
        });
        _create(source, _randomness(source));
        _createMoney(parts);
        _createJudgement(parts);
        VM.stopBroadcast();
    }

    function _createMoney(ISweepMarket.Parts memory parts) private {
        bytes memory bonds = abi.encode(
            parts.court,
            _placeOf("Oversight"),
            uint80(_number("least_bond")),
            uint40(_number("epoch")),
            uint40(_number("unbonding"))
        );
        _create("ValidatorSet", bytes.concat(type(ValidatorSet).creationCode, bonds));
        bytes memory terms = abi.encode(parts, _rules(), _listings());
        _create("SweepMarket", bytes.concat(type(SweepMarket).creationCode, terms));
    }

    function _createJudgement(ISweepMarket.Parts memory parts) private {
        address market = _placeOf("SweepMarket");
        bytes memory court = abi.encode(market, parts.validators, parts.randomness, _rules());
        _create("AuditCourt", bytes.concat(type(AuditCourt).creationCode, court));
        _create("SpendSessions", bytes.concat(type(SpendSessions).creationCode, abi.encode(market)));
        bytes memory oversight = abi.encode(
            market,
            parts.court,
            parts.validators,
            parts.randomness,
            _rules(),
            _number("demand_deposit")
        );
        _create("Oversight", bytes.concat(type(Oversight).creationCode, oversight));
    }

    function _putDeployer() private returns (Deployer deployer) {
        if (PROXY.code.length == 0) revert Deploy_NoProxy();
        bytes memory code = type(Deployer).creationCode;
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", PROXY, bytes32(0), keccak256(code)));
        deployer = Deployer(address(uint160(uint256(hash))));
        if (address(deployer).code.length != 0) return deployer;
        (bool done,) = PROXY.call(bytes.concat(bytes32(0), code));
        if (!done) revert Deploy_NoProxy();
    }

    function _create(string memory name, bytes memory code) private {
        if (_placeOf(name).code.length == 0) _deployer.deploy(_saltOf(name), code);
    }

    function _placeOf(string memory name) private view returns (address) {
        return _deployer.addressOf(_sender, _saltOf(name));
    }

    function _saltOf(string memory name) private view returns (bytes32) {
        return keccak256(abi.encodePacked("compute-swarm/", _edition, "/", _profile, "/", name));
    }

    function _randomness(string memory source) private view returns (bytes memory) {
        bytes memory code = keccak256(bytes(source)) == keccak256("DrandRandomness")
            ? type(DrandRandomness).creationCode
            : type(BlockhashRandomness).creationCode;
        return bytes.concat(code, abi.encode(_number("entropy.delay")));
    }

    function _rules() private view returns (Profile memory) {
        return Profile({
            windowLeast: uint32(_number("rules.window_least")),
            windowVerdictBps: uint32(_number("rules.window_verdict_bps")),
            verdictTimeLeast: uint32(_number("rules.verdict_time_least")),
            verdictTimeMost: uint32(_number("rules.verdict_time_most")),
            judgeTime: uint32(_number("rules.judge_time")),
            panelTime: uint32(_number("rules.panel_time")),
            demandTime: uint32(_number("rules.demand_time")),
            grace: uint32(_number("rules.grace")),
            leastValidators: uint16(_number("rules.least_validators")),
            seats: uint8(_number("rules.seats")),
            quorum: uint8(_number("rules.quorum"))
        });
    }

    function _listings() private view returns (Listing[] memory listings) {
        uint256 count;
        while (VM.keyExistsJson(_json, _key(_token(count, "token")))) ++count;
        listings = new Listing[](count);
        for (uint256 i; i < count; ++i) {
            listings[i] = Listing({
                token: VM.parseJsonAddress(_json, _key(_token(i, "token"))),
                terms: TokenTerms({
                    cap: uint80(_number(_token(i, "cap"))),
                    panelFloor: uint64(_number(_token(i, "panel_floor"))),
                    tip: uint64(_number(_token(i, "tip"))),
                    leastPrice: uint48(_number(_token(i, "least_price")))
                })
            });
        }
    }

    function _token(uint256 index, string memory name) private pure returns (string memory) {
        return string.concat("tokens[", VM.toString(index), "].", name);
    }

    function _number(string memory name) private view returns (uint256) {
        return VM.parseJsonUint(_json, _key(name));
    }

    function _key(string memory name) private view returns (string memory) {
        return string.concat("$['", _profile, "'].", name);
    }
}
