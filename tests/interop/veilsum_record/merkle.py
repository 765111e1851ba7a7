"""Merkle tree of RFC 6962, with proofs verified as in RFC 9162 (spec: record, section 3)."""

from __future__ import annotations

from typing import Iterable

from .failure import Refused
from .wire import Reader, sha256, u32

MAX_PROOF = 64


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """MTH over a stream of leaf data, with one digest a level in memory."""
    full: list[tuple[int, bytes]] = []  # subtrees that are complete: height and root, heights falling
    for data in leaves:
        height, digest = 0, leaf_hash(data)
        while full and full[-1][0] == height:
            digest = node_hash(full.pop()[1], digest)
            height += 1
        full.append((height, digest))
    if not full:
        return sha256(b"")
    digest = full.pop()[1]
    while full:
        digest = node_hash(full.pop()[1], digest)
    return digest


def _split(size: int) -> int:
    """Largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(leaves: list[bytes], index: int) -> list[bytes]:
    """PATH(index, D) of RFC 6962, from the leaf upwards."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return inclusion_proof(leaves[:k], index) + [root_of(leaves[k:])]
    return inclusion_proof(leaves[k:], index - k) + [root_of(leaves[:k])]


def consistency_proof(leaves: list[bytes], old: int) -> list[bytes]:
    """PROOF(old, D) of RFC 6962; empty from size 0 (deviation)."""
    if old == 0:
        return []
    return _subproof(leaves, old, True)


def _subproof(leaves: list[bytes], old: int, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = _split(len(leaves))
    if old <= k:
        return _subproof(leaves[:k], old, whole) + [root_of(leaves[k:])]
    return _subproof(leaves[k:], old - k, False) + [root_of(leaves[:k])]


def verify_inclusion(root: bytes, size: int, index: int, leaf: bytes, proof: list[bytes]) -> None:
    """RFC 9162, section 2.1.3.2. `leaf` is a leaf hash."""
    if index >= size:
        raise Refused("out_of_range", "index of the leaf", 1)
    node, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Refused("malformed", "number of digests", 2)
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Refused("malformed", "number of digests", 2)
    if digest != root:
        raise Refused("mismatch", "root of the tree", 3)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> None:
    """RFC 9162, section 2.1.4.2, with the spec's deviation for the empty tree."""
    if old > new:
        raise Refused("out_of_range", "sizes of the trees", 1)
    if old == 0 or old == new:
        if proof:
            raise Refused("malformed", "number of digests", 2)
        if old_root != (sha256(b"") if old == 0 else new_root):
            raise Refused("mismatch", "old root", 3)
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise Refused("malformed", "number of digests", 2)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Refused("malformed", "number of digests", 2)
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Refused("malformed", "number of digests", 2)
    if first != old_root:
        raise Refused("mismatch", "old root", 3)
    if second != new_root:
        raise Refused("mismatch", "new root", 4)


def encode_proof(proof: list[bytes]) -> bytes:
    return u32(len(proof)) + b"".join(proof)


def decode_proof(data: bytes) -> list[bytes]:
    reader = Reader(data)
    proof = [reader.fixed(32) for _ in range(reader.count(MAX_PROOF, 32))]
    reader.finish()
    return proof
