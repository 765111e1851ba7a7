#!/usr/bin/env python3
"""What can be checked of the reference without Doxygen: the filter that turns comments into documentation leaves all
code where it is, does what it says, and has no sentence that nothing needs; and the count of unexplained names counts.

    test_reference.py
"""

from __future__ import annotations

import re
import sys
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "docs" / "reference"))

import comments  # noqa: E402
import undocumented  # noqa: E402

TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\])\'|//[^\n]*|/\*.*?\*/', re.DOTALL)


def code_lines(text: str) -> list[str]:
    """Each line without comments; what stood in them keeps its line breaks."""

    def kept(found: re.Match[str]) -> str:
        token = found.group()
        return token if token[0] in "\"'" else "\n" * token.count("\n")

    return [line.strip() for line in TOKEN.sub(kept, text).split("\n")]


def filtered(text: str, name: str = "thing") -> list[str]:
    return comments.header(text, Path(f"/project/include/veilsum/room/{name}.hpp")).split("\n")


class Headers(unittest.TestCase):
    def setUp(self) -> None:
        self.headers = sorted((PROJECT / "include").rglob("*.hpp"))

    def test_code_stays_where_it_is(self) -> None:
        self.assertGreater(len(self.headers), 200)
        for path in self.headers:
            before = path.read_text(encoding="utf-8")
            wanted = ["" if line == "#pragma once" else line for line in code_lines(before)]
            got = ["" if line == "#pragma once" else line for line in code_lines(comments.header(before, path))]
            self.assertEqual(wanted, got, path)

    def test_every_sentence_is_used(self) -> None:
        text = "".join(comments.header(path.read_text(encoding="utf-8"), path) for path in self.headers)
        for name, told in comments.conventions().items():
            self.assertIn(f"/** {comments.shown(told)} */", text, name)

    def test_every_room_has_its_namespace(self) -> None:
        rooms = [path for path in (PROJECT / "include" / "veilsum").iterdir() if path.is_dir()]
        self.assertGreater(len(rooms), 15)
        for room in rooms:
            umbrella = room.with_suffix(".hpp")
            made = comments.header(umbrella.read_text(encoding="utf-8"), umbrella)
            self.assertIn(f"\\namespace veilsum::{room.name} ", made)


class Filter(unittest.TestCase):
    def test_opening(self) -> None:
        text = "// A thing.\n//\n//     a_b <- c\n//\n// More.\n#pragma once\nclass thing {};"
        self.assertEqual(
            filtered(text),
            [
                "/** \\brief A thing.",
                "\\verbatim",
                "a_b <- c \\endverbatim",
                "",
                "More.",
                "\\file */",
                "/** \\copydoc veilsum/room/thing.hpp */ class thing {};",
            ],
        )

    def test_above(self) -> None:
        self.assertEqual(filtered("\n// One.\nint one();")[1:], ["/** One. */", "int one();"])
        self.assertEqual(filtered("\n// A remark.\n\nint one();")[1], "// A remark.")
        self.assertEqual(filtered("\n// ---- conversation\nint one();")[1], "// ---- conversation")

    def test_not_inside_a_function(self) -> None:
        text = "\nint one() {\n    // Why.\n    int a = 1; // one\n    return a;\n}"
        self.assertEqual("\n".join(filtered(text)), text)

    def test_behind(self) -> None:
        self.assertEqual(filtered("\nint one; // bytes")[1], "int one; ///< bytes")
        enumerators = filtered("\nenum class e {\n    a, // first\n    b // last\n};")[2:4]
        self.assertEqual(enumerators, ["    a, ///< first", "    b ///< last"])
        self.assertEqual(filtered('\nauto url = "http://a";')[1], 'auto url = "http://a";')
        self.assertEqual(filtered("\nstruct s { // a pair\n};")[1], "/** a pair */ struct s {")
        self.assertEqual(filtered("\ntemplate <class T> // any\nvoid f();")[1], "template <class T> // any")

    def test_name_of_the_file(self) -> None:
        own = filtered("\n// Of its own.\nstruct thing {\n    int thing; // field\n};")
        self.assertEqual(own[1], "/** \\copydoc veilsum/room/thing.hpp */ /** Of its own. */")
        self.assertEqual(own[3], "    int thing; ///< field")
        member = filtered("\nstruct other {\n    int thing;\n};")
        self.assertEqual(member[2], "    int thing;")

    def test_convention(self) -> None:
        told = comments.conventions()["wipe"]
        self.assertEqual(filtered("\nvoid wipe();")[1], f"/** {told} */ void wipe();")
        self.assertEqual(filtered("\n// Twice.\nvoid wipe();")[1:], ["/** Twice. */", "void wipe();"])

    def test_nothing_else_means_anything(self) -> None:
        self.assertEqual(
            filtered("\n// \\x @y <b> a*b `c_d` [e](f) ::g --h\nint one;")[1],
            "/** \\\\x \\@y \\<b\\> a\\*b <code>c_d</code> \\[e\\](f) \\::g \\--h */",
        )
        self.assertEqual(filtered("\n// */ ends nothing.\nint one;")[2], "int one;")
        self.assertNotIn("*/", filtered("\n// */ ends nothing.\nint one;")[1][:-2])
        self.assertEqual(filtered("\n// - no list\nint one;")[1], "/** \\- no list */")

    def test_pages(self) -> None:
        links = "[a](b.md) [c](d.hpp) [e](https://f) [g](#h)"
        self.assertEqual(comments.page(links), "[a](b.md) c [e](https://f) [g](#h)")
        self.assertEqual(comments.page("![a\nb](c.svg)"), "![a b](c.svg)")
        fenced = "```cpp\n[this](auto x) { }\n```"
        self.assertEqual(comments.page(fenced), fenced)


XML = """<doxygen><compounddef kind="{kind}" prot="{prot}"><compoundname>{name}</compoundname>
<briefdescription>{told}</briefdescription><detaileddescription/>
<location file="include/veilsum/room/thing.hpp" line="7"/><sectiondef>{members}</sectiondef></compounddef></doxygen>"""
MEMBER = """<memberdef kind="{kind}" prot="public"><name>{name}</name><argsstring>{arguments}</argsstring>
<briefdescription>{told}</briefdescription><location file="include/veilsum/room/thing.hpp" line="9"/></memberdef>"""


class Count(unittest.TestCase):
    def unexplained(
        self, members: str = "", told: str = "A thing.", prot: str = "public", name: str = "veilsum::thing"
    ) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            text = XML.format(kind="class", prot=prot, name=name, told=told, members=members)
            (Path(folder) / "a.xml").write_text(text, encoding="utf-8")
            return sorted(each for each, found in undocumented.read(Path(folder)).items() if not found.explained)

    def member(self, name: str, told: str = "", kind: str = "function", arguments: str = "()") -> str:
        return MEMBER.format(kind=kind, name=name, told=told, arguments=arguments)

    def test_types(self) -> None:
        self.assertEqual(self.unexplained(), [])
        self.assertEqual(self.unexplained(told=""), ["veilsum::thing"])
        self.assertEqual(self.unexplained(told="", prot="private"), [])
        self.assertEqual(self.unexplained(told="", name="veilsum::detail::thing"), [])

    def test_members(self) -> None:
        self.assertEqual(self.unexplained(self.member("f", "Told.")), [])
        self.assertEqual(self.unexplained(self.member("f")), ["veilsum::thing::f"])
        self.assertEqual(self.unexplained(self.member("f") + self.member("f", "Told.")), [])
        self.assertEqual(self.unexplained(self.member("f"), prot="private", told=""), [])
        for name in ("thing", "~thing", "operator+", "private_"):
            self.assertEqual(self.unexplained(self.member(name)), [], name)
        self.assertEqual(self.unexplained(self.member("f", arguments="()=delete")), [])

    def test_fields_in_quotes(self) -> None:
        told = "<para><computeroutput>x</computeroutput> and y</para>"
        fields = self.member("x", kind="variable") + self.member("y", kind="variable") + self.member("z")
        self.assertEqual(self.unexplained(fields, told), ["veilsum::thing::y", "veilsum::thing::z"])


if __name__ == "__main__":
    unittest.main(verbosity=0)
