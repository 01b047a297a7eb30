"""Items, shares and seats that a seed draws: `draw.json`."""

from typing import Any

from compute_swarm.domain import audit, draw, seats
from vector_cases.cases import Stream, cases, commit_columns, some_commit

SHAPES: dict[str, tuple[int, list[tuple[int, int]]]] = {
    # S, then (segments done, trials) of each award
    "one trial": (32, [(32, 1)]),
    "one segment": (32, [(1, 1)]),
    "partial trial": (32, [(31, 2)]),
    "several awards": (32, [(128, 4), (64, 2), (32, 1)]),
    "odd blocks": (24, [(25, 2), (47, 2), (12, 1), (24, 1), (1, 1), (23, 1)]),
    "rungs": (32, [(44, 11), (33, 3)]),
    "many": (32, [(1600, 50)]),
    "many sellers": (24, [(24 * n + n % 5, n + 1) for n in range(1, 9)]),
    "ten audits": (32, [(192, 6), (128, 4)]),
    "twenty-nine audits": (24, [(240, 10), (456, 19)]),
    "a share alone": (32, [(640, 1)]),
    "two shares": (32, [(640, 1), (33, 1)]),
    "few of each": (24, [(24, 1)] * 12),
    "long trials": (1024, [(2048, 2), (1536, 2)]),
}


def tables() -> dict[str, Any]:
    return {
        "draws": cases(draw_case(n) for n in range(20)),
        "items": cases(
            items_case(f"{name}/{n}", *SHAPES[name]) for name in SHAPES for n in range(2)
        ),
        "seats": cases(seats_case(n) for n in range(12)),
    }


def draw_case(n: int) -> dict[str, Any]:
    random = Stream(f"draw/{n}")
    seed, tag, a = random.digest(), draw.Tag(1 + n % 5), random.bytes32()
    b = random.below(2 ** (1 + 12 * n))
    return {"seed": seed, "tag": int(tag), "a": a, "b": b, "value": draw.draw(seed, tag, a, b)}


def items_case(name: str, segments: int, shape: list[tuple[int, int]]) -> dict[str, Any]:
    random = Stream(f"items/{name}")
    seed, commit, shards = random.digest(), some_commit(random, shape), random.between(1, 32)
    found = audit.items(seed, commit, segments)
    ids = [commit.awards[item.award_index].award.id for item in found]
    shares = audit.share_count(commit)
    lists = [audit.share_items(found, share) for share in range(shares)]
    return {
        "name": name,
        "seed": seed,
        "segments": segments,
        "shards": shards,
        **commit_columns(commit),
        "shares": shares,
        "mostItems": audit.most_items(commit, segments),
        "items": len(found),
        "itemAwards": [item.award_index for item in found],
        "kinds": [int(item.kind) for item in found],
        "blocks": [item.block for item in found],
        "positions": [item.position for item in found],
        "itemShares": [item.share for item in found],
        "seconds": [shares if item.second is None else item.second for item in found],
        "sizes": [len(list_) for list_ in lists],
        "lists": [item.number for list_ in lists for item in list_],  # one after the other
        "answers": [audit.award_answers(found, index) for index in range(len(shape))],
        "itemShards": [
            audit.drawn_shard(seed, award, item.block, shards)
            if item.kind is audit.ItemKind.AUDIT
            else 0
            for award, item in zip(ids, found, strict=True)
        ],
    }


def seats_case(n: int) -> dict[str, Any]:
    """A set of validators in tiers, some of them parties, its judges and a panel."""
    random = Stream(f"seats/{n}")
    least = 32 * 10**18
    entries = [
        seats.ValidatorEntry(
            random.address(), random.below(4) * 8, least * random.between(1, 9) + random.below(7)
        )
        for _ in range(5 + 5 * n)
    ]
    tier = n % 4 * 8 if n > 2 else 0
    skipped = [entries[at].validator for at in range(0, n, 3)]
    parties = [random.address(), *skipped]
    able = seats.eligible(entries, parties, tier)
    seed, shares, panel_seats = random.digest(), n % 3 + 1, (3, 7)[n % 2]
    judges = seats.judges(seed, entries, parties, tier, shares)
    last = shares - 1
    return {
        "seed": seed,
        "validators": [entry.validator for entry in entries],
        "vramGibs": [entry.vram_gib for entry in entries],
        "bonds": [entry.bond for entry in entries],
        "parties": parties,
        "tier": tier,
        "eligibleCount": len(able),
        "eligibleTotal": sum(entry.bond for entry in able),
        "shares": shares,
        "judges": judges,
        "substitutes": seats.substitutes(seed, entries, parties, judges[last], tier, last),
        "seats": panel_seats,
        "panelSeed": (panel_seed := random.digest()),
        "panelSkips": judges[0],
        "panel": seats.panel(panel_seed, entries, parties, judges[0], tier, panel_seats),
    }
