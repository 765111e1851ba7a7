#!/usr/bin/env python3
"""The second verifier's primitives against published vectors, its parsers against what they must refuse."""

from __future__ import annotations

import hashlib
import math
import os
import struct
import sys
import tempfile
import unittest

try:
    from veilsum_record import commitments, key_validity, layout, log, merkle, messages, note
    from veilsum_record import paillier, sodium, threshold, wire
    from veilsum_record.failure import Refused
    from veilsum_record.partials import OpenedSet, may_open
    from veilsum_record.transcript import Transcript, expand
except Exception as error:  # no libsodium
    print(f"skipped: {error}")
    sys.exit(77)

# The eight leaves and the roots of the Certificate Transparency reference implementation.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Case(unittest.TestCase):
    def refuses(self, check: int | None, what: str, action: object, *arguments: object) -> None:
        """The action raises Refused with this check number and these words."""
        with self.assertRaises(Refused) as caught:
            action(*arguments)  # type: ignore[operator]
        if check is not None:
            self.assertEqual(caught.exception.check, check)
        self.assertIn(what, caught.exception.what)


class Merkle(Case):
    def test_roots_of_the_reference_tree(self) -> None:
        for size, root in enumerate(CT_ROOTS):
            self.assertEqual(merkle.root_of(CT_LEAVES[:size]).hex(), root)

    def test_published_proofs(self) -> None:
        # Inclusion of leaf 5 of 8, consistency of 6 with 8: from the same reference implementation.
        self.assertEqual(
            [digest.hex() for digest in merkle.inclusion_proof(CT_LEAVES, 5)],
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        )
        self.assertEqual(
            [digest.hex() for digest in merkle.consistency_proof(CT_LEAVES, 6)],
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        )

    def test_every_inclusion_proof_and_its_damage(self) -> None:
        for size in range(1, 9):
            root = merkle.root_of(CT_LEAVES[:size])
            for index in range(size):
                leaf = merkle.leaf_hash(CT_LEAVES[index])
                proof = merkle.inclusion_proof(CT_LEAVES[:size], index)
                merkle.verify_inclusion(root, size, index, leaf, proof)
                longer = [*proof, bytes(32)]
                self.refuses(2, "number", merkle.verify_inclusion, root, size, index, leaf, longer)
                if proof:
                    self.refuses(2, "number", merkle.verify_inclusion, root, size, index, leaf, proof[:-1])
                    self.refuses(3, "root", merkle.verify_inclusion, root, size, index, bytes(32), proof)
                self.refuses(1, "index", merkle.verify_inclusion, root, size, size, leaf, proof)

    def test_every_consistency_proof_and_its_damage(self) -> None:
        for new in range(9):
            new_root = merkle.root_of(CT_LEAVES[:new])
            for old in range(new + 1):
                old_root = merkle.root_of(CT_LEAVES[:old])
                proof = merkle.consistency_proof(CT_LEAVES[:new], old)
                merkle.verify_consistency(old, old_root, new, new_root, proof)
                with self.assertRaises(Refused):
                    merkle.verify_consistency(old, bytes(32), new, new_root, proof)
                longer = [*proof, bytes(32)]
                self.refuses(2, "number", merkle.verify_consistency, old, old_root, new, new_root, longer)
            self.refuses(1, "sizes", merkle.verify_consistency, new + 1, new_root, new, new_root, [])

    def test_proof_bytes(self) -> None:
        proof = merkle.inclusion_proof(CT_LEAVES, 3)
        self.assertEqual(merkle.decode_proof(merkle.encode_proof(proof)), proof)
        self.refuses(None, "count above its cap", merkle.decode_proof, wire.u32(65) + bytes(65 * 32))
        self.refuses(None, "trailing", merkle.decode_proof, merkle.encode_proof(proof) + b"\0")


class Curves(Case):
    # RFC 9496, appendix A.1: the base point and its double; A.3: the first bytes of the list of hashes.
    BASE = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
    TWICE = bytes.fromhex("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919")

    def test_multiples_of_the_base(self) -> None:
        self.assertEqual(sodium.multiply(2, self.BASE), self.TWICE)
        self.assertEqual(sodium.add(self.BASE, self.BASE), self.TWICE)
        self.assertEqual(sodium.subtract(self.TWICE, self.BASE), self.BASE)
        self.assertEqual(sodium.multiply(sodium.ORDER, self.BASE), bytes(32))
        self.assertEqual(sodium.multiply(-1, sodium.multiply(-1, self.BASE)), self.BASE)
        self.assertEqual(sodium.multiply(7, bytes(32)), bytes(32))
        self.assertEqual(sodium.sum_of([(3, self.BASE), (-1, self.TWICE)]), self.BASE)

    def test_bad_encodings(self) -> None:
        # RFC 9496, appendix A.2: not canonical, negative, not a square.
        for text in (
            "00" + "ff" * 31,
            "f3" + "ff" * 30 + "7f",
            "ed" + "ff" * 30 + "7f",
            "01" + "00" * 31,
            "01" + "ff" * 30 + "7f",
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
        ):
            self.assertFalse(sodium.is_point(bytes.fromhex(text)), text)
        self.assertTrue(sodium.is_point(self.BASE))

    def test_map_to_the_group(self) -> None:
        data = bytes.fromhex(
            "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1"
            "4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6"
        )
        self.assertEqual(
            sodium.point_from_uniform(data).hex(),
            "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46",
        )

    def test_rfc_8032(self) -> None:
        # RFC 8032, section 7.1, tests 1 and 2.
        seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        signature = bytes.fromhex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
            "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        )
        self.assertEqual(sodium.key_pair(seed)[0], key)
        self.assertEqual(sodium.sign(seed, b""), signature)
        self.assertTrue(sodium.verify(key, b"", signature))
        self.assertFalse(sodium.verify(key, b"x", signature))
        self.assertFalse(sodium.verify(key, b"", signature[:-1]))
        unreduced = int.from_bytes(signature[32:], "little") + sodium.ORDER
        self.assertFalse(sodium.verify(key, b"", signature[:32] + unreduced.to_bytes(32, "little")))

    def test_keys_of_small_order_and_other_spellings(self) -> None:
        middle = "ff" * 30
        for text in ("00" * 32, "01" + "00" * 31, f"ec{middle}7f", f"ed{middle}7f", "ff" * 32):
            self.assertFalse(sodium.is_verifying_key(bytes.fromhex(text)), text)


class Notes(Case):
    # From the tests of golang.org/x/mod/sumdb/note.
    KEY = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    TEXT = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    LINE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

    def key(self) -> bytes:
        blob = note.decode_base64(self.KEY)
        assert blob is not None and blob[0] == note.ED25519
        return blob[1:]

    def test_note_of_go(self) -> None:
        self.assertEqual(note.key_id("PeterNeumann", self.key()).hex(), "c74f20a3")
        data = f"{self.TEXT}\n\u2014 PeterNeumann {self.LINE}\n".encode()
        note.Note.parse(data).verify("PeterNeumann", self.key())
        changed = note.Note.parse(data.replace(b"problem,", b"problem."))
        self.refuses(None, "signature of the note", changed.verify, "PeterNeumann", self.key())
        self.refuses(None, "known key", note.Note.parse(data).verify, "Enoch", self.key())

    def test_forms_that_are_refused(self) -> None:
        good = f"{self.TEXT}\n\u2014 PeterNeumann {self.LINE}\n"
        for bad, what in (
            (good.replace("\u2014", "-"), "mark"),
            (good.rstrip("\n"), "end"),
            (good.replace("\n\n", "\n"), "blank line"),
            (f"{self.TEXT}\n", "signature lines"),
            (good.replace("PeterNeumann x", "Peter+Neumann x"), "key name"),
            (good.replace("PeterNeumann x", "Peter\u3000Neumann x"), "key name"),
            (good.replace("AM=", "AN="), "base64"),
            (good + "\u2014 other AAAA\n", "base64"),
            ("\r" + good, "characters"),
            (good + f"\u2014 other {self.LINE}\n" * 100, "number of signature lines"),
        ):
            self.refuses(None, what, note.Note.parse, bad.encode())
        self.refuses(None, "characters", note.Note.parse, b"\xc0\x80" + good.encode())
        self.refuses(None, "length", note.Note.parse, good.encode() + bytes(1 << 20))

    def test_checkpoint_round_trip_and_forms(self) -> None:
        seed = bytes(range(32))
        tip = note.Checkpoint("example.org/log", 5, bytes(range(32)))
        data = note.sign_checkpoint(tip, seed)
        key, _ = sodium.key_pair(seed)
        self.assertEqual(note.verify_checkpoint(data, "example.org/log", key), tip)
        self.refuses(2, "known key", note.verify_checkpoint, data, "example.org/other", key)
        root = tip.text().split("\n")[2]
        for text in (
            "o\n05\n{}\n",
            "o\n-5\n{}\n",
            "o\n5\n{}\nmore\n",
            "o\n5\n",
            "\n5\n{}\n",
            "o\n\n{}\n",
            "o\n0\n{}\n",
        ):
            with self.assertRaises(Refused):
                note.Checkpoint.parse(text.format(root))


class Wire(Case):
    def test_reader(self) -> None:
        reader = wire.Reader(wire.u16(1) + wire.u32(2) + wire.u64(3) + wire.var(b"four"))
        self.assertEqual((reader.u16(), reader.u32(), reader.u64(), reader.var(4)), (1, 2, 3, b"four"))
        reader.finish()
        self.refuses(None, "truncated", reader.u8)
        self.refuses(None, "length above its cap", wire.Reader(wire.var(b"four")).var, 3)
        self.refuses(None, "truncated", wire.Reader(wire.u32(5) + b"four").var, 9)
        self.refuses(None, "count above its cap", wire.Reader(wire.u32(9)).count, 8, 1)
        self.refuses(None, "what the bytes hold", wire.Reader(wire.u32(3) + b"five!").count, 8, 2)
        self.refuses(None, "trailing", wire.Reader(b"x").finish)

    def test_frame_checks_in_order(self) -> None:
        good = wire.frame(11, 1, b"body")
        self.assertEqual(wire.unframe(good, 11, 1, 4), b"body")
        self.refuses(1, "header", wire.unframe, good[:11], 11, 1, 4)
        self.refuses(2, "magic", wire.unframe, b"X" + good[1:], 11, 1, 4)
        self.refuses(3, "type", wire.unframe, good, 10, 2, 1)
        self.refuses(4, "version", wire.unframe, good, 11, 2, 1)
        self.refuses(5, "length", wire.unframe, good, 11, 1, 3)
        self.refuses(6, "truncated", wire.unframe, good[:-1], 11, 1, 4)
        self.refuses(7, "after", wire.unframe, good + b"\0", 11, 1, 4)


class LogFile(Case):
    def write(self, data: bytes) -> log.Log:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log")
            with open(path, "wb") as file:
                file.write(data)
            return log.Log(path)

    def test_known_answers(self) -> None:
        # record, section 10
        record = log.Record(3, 1, 7, bytes(range(32)), b"hello")
        self.assertEqual(
            record.hash().hex(), "381e200e4db76489a3e817896e35a6d92ff36738bca458a650bfe31211f4080f"
        )
        self.assertEqual(
            merkle.leaf_hash(record.canonical()).hex(),
            "21ae1d12121a9c0d848a4cc7d24e86a7d93d4e0964dd9d107a371a33e8ee7920",
        )
        first = log.Record(3, 1, 0, bytes(32), b"hello")
        data = log.FILE_MAGIC + log.framed(first)
        self.assertEqual(len(data), 77)
        self.assertEqual(
            first.hash().hex(), "70ee89214767034f017c16e79b071244d3db6e9674a0a5be55c4c9278e1a7d82"
        )
        read = self.write(data)
        self.assertEqual((len(read), read[0]), (1, first))

    def test_each_check(self) -> None:
        first = log.Record(3, 1, 0, bytes(32), b"hello")
        second = log.Record(4, 1, 1, first.hash(), b"")
        good = log.FILE_MAGIC + log.framed(first) + log.framed(second)
        self.assertEqual(len(self.write(good)), 2)
        self.assertEqual(len(self.write(log.FILE_MAGIC)), 0)
        self.refuses(1, "magic", self.write, b"VSUMLOG2" + good[8:])
        self.refuses(2, "length", self.write, good[:8] + wire.u32(51) + good[12:])
        self.refuses(3, "magic", self.write, good[:12] + b"X" + good[13:])
        self.refuses(3, "length", self.write, good[:8] + wire.u32(58) + good[12:])
        self.refuses(4, "sequence", self.write, good[:27] + b"\1" + good[28:])
        unchained = log.framed(log.Record(4, 1, 1, bytes(32), b""))
        self.refuses(5, "previous", self.write, log.FILE_MAGIC + log.framed(first) + unchained)
        self.refuses(6, "hash", self.write, good[:-1] + bytes([good[-1] ^ 1]))
        for cut in [*range(8), *range(9, 77), *range(78, len(good))]:
            self.refuses(7, "log ends", self.write, good[:cut])


class Transcripts(Case):
    def test_against_the_formulas(self) -> None:
        def frame(data: bytes) -> bytes:
            return len(data).to_bytes(8, "big") + data

        state = hashlib.sha512(b"\0" + frame(b"p/1")).digest()
        transcript = Transcript("p/1")
        self.assertEqual(transcript.state, state)
        transcript.absorb("a", b"data")
        state = hashlib.sha512(b"\1" + state + frame(b"a") + frame(b"data")).digest()
        self.assertEqual(transcript.state, state)
        copy = transcript.copy()
        out = copy.challenge("c")
        self.assertEqual(out, hashlib.sha512(b"\2" + state + frame(b"c")).digest())
        self.assertEqual(copy.state, hashlib.sha512(b"\3" + state + frame(b"c")).digest())
        second_block = hashlib.sha512(b"\4" + out + b"\0\0\0\1").digest()
        self.assertEqual(expand(out, 1), second_block)
        self.assertEqual(transcript.integers("c", 6)[5], int.from_bytes(second_block[16:32], "little"))


class Paillier(Case):
    def test_a_ciphertext_of_python_paillier(self) -> None:
        # From the tests of python-paillier: n = 126869.
        n = 126869
        key = paillier.PublicKey(17, 1, n, 4, b"")
        self.assertEqual(key.power_of_one_plus_n(10100) * pow(74384, n, n * n) % (n * n), 935906717)

    def test_powers_and_logarithms_of_every_degree(self) -> None:
        n = 126869
        for degree in (1, 2, 3):
            key = paillier.PublicKey(17, degree, n, 4, b"")
            for exponent in (0, 1, 2, n - 1, n % n**degree, n**degree - 1, n**degree // 3):
                power = pow(1 + n, exponent, key.modulus)
                self.assertEqual(key.power_of_one_plus_n(exponent), power)
                self.assertEqual(key.logarithm(power), exponent)

    def test_number_checks(self) -> None:
        self.assertTrue(paillier.is_perfect_power(65537**3))
        self.assertTrue(paillier.is_perfect_power((2**89 - 1) ** 2))
        self.assertFalse(paillier.is_perfect_power((2**89 - 1) * (2**107 - 1)))
        self.assertTrue(paillier.is_probable_prime(2**127 - 1))
        self.assertFalse(paillier.is_probable_prime((2**89 - 1) * (2**107 - 1)))
        # Strong pseudoprime to the bases 2 to 37: the composite of Arnault's kind by Zhang and Tang.
        self.assertFalse(paillier.is_probable_prime(3317044064679887385961981))
        self.assertEqual(paillier.multi_power([3, 5, 7], [0, 11, 4], 10007), pow(5, 11, 10007) * 7**4 % 10007)

    def test_units(self) -> None:
        key = paillier.PublicKey(24, 1, 3001 * 4003, 4, b"")
        good = key.encode_units([1, key.modulus - 1])
        self.assertEqual(key.parse_units(good, 2), [1, key.modulus - 1])
        self.refuses(1, "length", key.parse_units, good + b"\0", 2)
        self.refuses(1, "length", key.parse_units, b"", 0)
        self.refuses(2, "ciphertext", key.parse_units, bytes(6) + good[6:], 2)
        self.refuses(2, "ciphertext", key.parse_units, key.encode_units([1, key.modulus]), 2)
        self.refuses(3, "ciphertext", key.parse_units, key.encode_units([1, 3001]), 2)


class KeyProofs(Case):
    def test_auxiliary_modulus_is_rsa_2048(self) -> None:
        # Number of digits and digit sum as the challenge gave them.
        digits = str(key_validity.AUXILIARY_MODULUS)
        self.assertEqual((len(digits), sum(map(int, digits))), (617, 2738))
        self.assertEqual(key_validity.AUXILIARY_MODULUS.bit_length(), 2048)

    def test_lengths(self) -> None:
        # key-validity, section Bytes
        lengths = [key_validity.proof_bytes(bits) for bits in (2048, 3072, 4096)]
        self.assertEqual(lengths, [37744, 55472, 73200])

    def test_jacobi_symbol_by_euler(self) -> None:
        p, q = 1009, 2003
        for a in range(1, 200):
            by_euler = 1
            for prime in (p, q):
                power = pow(a, (prime - 1) // 2, prime)
                by_euler *= -1 if power == prime - 1 else power
            self.assertEqual(key_validity.jacobi(a, p * q), by_euler)
        self.assertEqual(key_validity.jacobi(p, p * q), 0)

    def test_residue_challenges_against_the_formula(self) -> None:
        modulus = 2**400 - 593
        transcript = Transcript("p/1")
        seed = transcript.copy().challenge("y")
        length = 50 + 16
        blocks = [hashlib.sha512(b"\4" + seed + i.to_bytes(4, "big")).digest() for i in range(4)]
        streams = (blocks[0] + blocks[1], blocks[2] + blocks[3])
        expected = [int.from_bytes(stream[:length], "big") % modulus for stream in streams]
        self.assertEqual(key_validity.residues(transcript, "y", 2, modulus), expected)


class Shares(Case):
    def test_lagrange_integers_interpolate(self) -> None:
        polynomial = [5, -7, 11]
        points = [1, 3, 4]

        def at(x: int) -> int:
            return sum(coefficient * x**k for k, coefficient in enumerate(polynomial))

        for x in (0, 2, 5):
            values = threshold.lagrange(points, x, math.factorial(5))
            self.assertEqual(sum(v * at(j) for v, j in zip(values, points)), math.factorial(5) * at(x))


class Layouts(Case):
    GOOD = dict(nbits=3072, b=16, m=4096, wmax=1, d=20000, C=436, flags=2, a=512, md=29, B2=bytes(32))

    def make(self, **changes: object) -> layout.Layout:
        return layout.Layout(**{**self.GOOD, **changes})  # type: ignore[arg-type]

    def test_derived_numbers(self) -> None:
        good = self.make()
        good.check()
        self.assertEqual((good.w, good.S, good.J, good.K, good.q, good.Ka), (28, 109, 4, 46, 14, 4))
        self.assertEqual(good.digit_position(15, 3), (46 + 1, 2 * 29 + 3))

    def test_each_rule(self) -> None:
        big = bytes(31) + b"\1"
        for rule, changes in {
            1: dict(nbits=2047),
            2: dict(b=25),
            3: dict(wmax=0),
            4: dict(d=0),
            5: dict(C=4097),
            7: dict(a=255),
            8: dict(flags=6),
            9: dict(B2=big),
            10: dict(flags=3),
            11: dict(flags=0),
            12: dict(wmax=4096, m=4096, b=13, md=0),
            13: dict(md=28),
            14: dict(C=57),
            15: dict(d=4096 * 436),
            # Just above l/2: 46 rows of 436 values of 16 bits and the bound.
            16: dict(flags=3, B2=(sodium.ORDER // 2 + 1 - 46 * 436 * 4**15).to_bytes(32, "big")),
        }.items():
            self.refuses(rule, "", self.make(**changes).check)

    def test_largest_norm_bound(self) -> None:
        self.make(flags=3, B2=(sodium.ORDER // 2 - 46 * 436 * 4**15).to_bytes(32, "big")).check()

    def test_floors_of_toy_keys(self) -> None:
        toy = self.make(nbits=512, b=6, d=50, C=20, a=64, md=5, m=6)
        toy.check(layout.Floors(512, 64, 25))
        for rule, floors in {1: (513, 64, 25), 7: (512, 65, 25), 13: (512, 64, 26)}.items():
            self.refuses(rule, "", toy.check, layout.Floors(*floors))

    def test_unpacking_is_exact_at_the_edges(self) -> None:
        small = self.make(nbits=2048, m=4, C=60, d=60, b=16, a=448)
        half = 1 << (small.w - 1)
        rows = [[-half if c % 2 else half - 1 for c in range(60)] for _ in range(small.Kt)]
        blocks = [sum(value << small.w * k for k, value in enumerate(row)) for row in rows]
        self.assertEqual(small.unpack(blocks), rows)
        self.refuses(None, "no sum", small.unpack, [1 << small.w * 60, *blocks[1:]])
        self.refuses(None, "sum of values", small.check_sums, rows, 4)
        small.check_sums([[-4 << 15, 4 * (2**15 - 1)]], 4)
        self.refuses(None, "sum of values", small.check_sums, [[4 * (2**15 - 1) + 1]], 4)

    def test_fixed_point(self) -> None:
        layout.check_fixed_point(12, 32766 / 4096, 16)
        self.refuses(4, "fit", layout.check_fixed_point, 12, 32767 / 4096, 16)
        self.refuses(3, "clip", layout.check_fixed_point, 12, math.inf, 16)
        self.refuses(3, "clip", layout.check_fixed_point, 12, math.nan, 16)
        self.refuses(3, "clip", layout.check_fixed_point, 12, 0.0, 16)
        self.refuses(2, "scale", layout.check_fixed_point, 65, 1.0, 16)
        self.refuses(1, "bits", layout.check_fixed_point, 12, 1.0, 25)


class Openings(Case):
    def test_opening_check_names_the_row(self) -> None:
        rows, blindings = [[1, -2, 3], [0, 0, 7]], [5, sodium.ORDER - 1]
        made = [
            sodium.add(
                sodium.sum_of((value, commitments.generator("G", c)) for c, value in enumerate(row)),
                sodium.multiply(blinding, commitments.generator("H", 0)),
            )
            for row, blinding in zip(rows, blindings)
        ]
        commitments.check_opening(made, rows, blindings)
        with self.assertRaises(Refused) as caught:
            commitments.check_opening(made, [rows[0], [0, 1, 7]], blindings)
        self.assertEqual((caught.exception.check, caught.exception.place), (4, "row 1"))
        self.refuses(None, "row commitment", commitments.parse_rows, bytes(32), 1)

    def test_model_arithmetic_is_rounded_as_the_spec_says(self) -> None:
        model = messages.Model([0.5, struct.unpack(">f", b"\x3d\xcc\xcc\xcd")[0]])
        self.assertEqual(model.updated([3, -1], 2, 3).weights[0], 0.75)
        self.assertEqual(messages.Model.parse(model.encode()), model)
        largest = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]
        self.refuses(None, "after the update", messages.Model([largest]).updated, [1 << 104], 0, 1)
        self.refuses(None, "finite", messages.Model.parse, wire.frame(11, 1, wire.u32(1) + b"\x7f\x80\0\0"))

    def test_opening_policy(self) -> None:
        def opened(number: int, model: bytes, members: dict[bytes, int], cohort: int = 2) -> OpenedSet:
            return OpenedSet(number, cohort, model, bytes([number]), members)

        one = opened(1, b"m", {b"a": 1, b"b": 1, b"c": 1})
        may_open(one, [])
        self.refuses(1, "fewer", may_open, opened(1, b"m", {b"a": 1}), [])
        self.refuses(1, "fewer", may_open, opened(1, b"m", {b"a": 1, b"b": 1}, 3), [])
        self.refuses(3, "before", may_open, opened(1, b"m", {b"a": 1, b"b": 1}), [one])
        self.refuses(4, "differs", may_open, opened(2, b"m", {b"a": 1, b"b": 1}), [one])
        self.refuses(4, "differs", may_open, opened(2, b"m", {b"a": 2, b"b": 1, b"c": 1}), [one])
        may_open(opened(2, b"m", {b"a": 1, b"b": 1, b"d": 1}), [one])
        may_open(opened(2, b"other", {b"a": 1, b"b": 1}), [one])
        may_open(one, [one])


if __name__ == "__main__":
    unittest.main()
