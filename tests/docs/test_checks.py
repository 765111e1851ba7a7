#!/usr/bin/env python3
"""Whether check_links.py and check_code.py refuse pages with one thing wrong, and say which.

    test_checks.py COMPILER

The library is a stand-in of one empty header, so that this takes seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import unittest

import check_code
import check_links

COMPILER = "c++"
TARGETS = "add_library(veilsum INTERFACE)\nadd_library(veilsum::veilsum ALIAS veilsum)\n"
PROGRAM = '#include <cstdio>\n\nint main() { std::puts("3"); }\n'
LISTS = """cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES CXX)
add_subdirectory(veilsum)
add_executable(sum sum.cpp)
target_link_libraries(sum PRIVATE veilsum::veilsum)
"""


def fenced(mark: str, language: str, text: str) -> str:
    return f"<!-- {mark} -->\n```{language}\n{text}```\n\n"


GOOD = (
    "# Page\n\n"
    + fenced("run: sum", "cpp", PROGRAM)
    + fenced("prints: sum", "text", "3\n")
    + fenced("cmake: add_subdirectory", "cmake", LISTS)
    + fenced("compile: body", "cpp", "const int unused = 1;\n")
    + fenced("compile: program", "cpp", "#include <veilsum/veilsum.hpp>\n")
    + fenced("shown: lesson.cpp", "cpp", "int one();\n")
)


class Pages(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "project")
        self.work = os.path.join(folder.name, "work")
        os.makedirs(self.work)

    def write(self, name: str, text: str) -> None:
        check_code.write(os.path.join(self.root, name), text)


class Links(Pages):
    def expect(self, readme: str, wrong: list[str], links: int) -> None:
        self.write("README.md", readme)
        self.write("docs/page.md", "# A page\n\n## Some `code`, twice\n\n## Some code, twice\n")
        self.assertEqual(check_links.broken(self.root), (wrong, links))

    def test_good(self) -> None:
        self.expect(
            "# Top\n\n[page](docs/page.md), [one](docs/page.md#some-code-twice),\n"
            "[two\nlines](docs/page.md#some-code-twice-1), [here](#top), [out](https://example.org/none),\n"
            "[folder](docs), `[code](none.md)`\n\n    [code](none.md)\n\n"
            "```\n[code](none.md)\n```\n",
            [],
            5,
        )

    def test_no_file(self) -> None:
        self.expect("[a](docs/page.md) [b](docs/pag.md)", ["README.md:1: docs/pag.md: no such file"], 2)

    def test_no_file_behind_a_picture(self) -> None:
        self.expect("[![a](none.svg)](docs/page.md)", ["README.md:1: none.svg: no such file"], 2)

    def test_no_file_in_a_list(self) -> None:
        self.expect("- [a](docs/page.md)\n\n    [b](none.md)", ["README.md:3: none.md: no such file"], 2)

    def test_no_file_of_a_text_of_two_lines(self) -> None:
        self.expect("[a](docs/page.md) [b\nc](none.md)", ["README.md:2: none.md: no such file"], 2)

    def test_no_heading(self) -> None:
        for aim in ("docs/page.md#some", "docs/page.md#some-code-twice-2", "#a-page", "docs#page"):
            with self.subTest(aim):
                self.expect(f"[a](docs/page.md) [b]({aim})", [f"README.md:1: {aim}: no such heading"], 2)

    def test_outside(self) -> None:
        self.expect("[a](docs/page.md) [b](../project-2)", ["README.md:1: ../project-2: outside of the project"], 2)

    def test_other_forms(self) -> None:
        said = "a link of a form that is not followed"
        wrong = [f"README.md:{number}: {said}" for number in (3, 4)]
        self.expect('[a](docs/page.md)\n\n[b]: none.md\n<img src="none.png">', wrong, 1)

    def test_page_that_nothing_leads_to(self) -> None:
        self.write("docs/lone.md", "[itself](lone.md)\n")
        self.expect("[a](docs/page.md)", ["docs/lone.md: no link leads here"], 2)


class Code(Pages):
    def check(self, text: str) -> str:
        """What was printed; throws what check_code throws."""
        self.write("README.md", text)
        self.write("CMakeLists.txt", TARGETS)
        self.write("lesson.cpp", "// Lesson\nint one();\n")
        self.write("include/veilsum/veilsum.hpp", "")
        given = argparse.Namespace(source=self.root, prefix="", work=self.work, compiler=COMPILER, launcher="")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            check_code.check(given)
        return printed.getvalue()

    def refuse(self, old: str, new: str, said: str) -> None:
        self.assertEqual(GOOD.count(old), 1, old)
        with self.assertRaisesRegex(check_code.Failed, said):
            self.check(GOOD.replace(old, new))

    def test_good(self) -> None:
        built = "built by add_subdirectory, printed what the page says"
        said = ["stands in lesson.cpp", "compiles", "compiles", built]
        self.assertEqual([line.split(": ")[1] for line in self.check(GOOD).splitlines()], said)

    def test_prints_something_else(self) -> None:
        said = r"README.md:4, add_subdirectory: printed '3\\n', the page says '4\\n'"
        self.refuse("```text\n3\n", "```text\n4\n", said)

    def test_program_fails(self) -> None:
        self.refuse('std::puts("3");', 'std::puts("3"); return 9;', r"(?s)README.md:4: .*/sum: status 9")

    def test_program_does_not_compile(self) -> None:
        self.refuse('std::puts("3");', 'std::put("3");', r"(?s)README.md:\d+: cmake --build .*status.*put")

    def test_program_warns(self) -> None:
        said = r"(?s)README.md:\d+: cmake --build .*unused-variable"
        self.refuse('std::puts("3");', 'std::puts("3"); int left;', said)

    def test_body_does_not_compile(self) -> None:
        self.refuse("const int unused = 1;", "const int unused;", r"(?s)README.md:\d+: .*-fsyntax-only.*unused")

    def test_file_does_not_compile(self) -> None:
        self.refuse("<veilsum/veilsum.hpp>", "<veilsum/none.hpp>", r"(?s)README.md:\d+: .*-fsyntax-only.*none.hpp")

    def test_shown_differs(self) -> None:
        self.refuse("int one();", "int two();", r"README.md:\d+: lesson.cpp does not hold these lines")
        self.refuse("shown: lesson.cpp", "shown: less.cpp", r"README.md:\d+: there is no less.cpp")

    def test_unmarked(self) -> None:
        said = r"README.md:\d+: no comment above says what this block is"
        self.refuse("<!-- compile: body -->\n", "", said)
        self.refuse("compile: body", "compile: bodies", said)
        self.refuse("<!-- compile: body -->\n", "<!-- compile: body -->\n\n", said)
        self.refuse("<!-- cmake: add_subdirectory -->\n", "", said)

    def test_not_read(self) -> None:
        body = "<!-- compile: body -->\n"
        for fence in ("```c++", "``` cpp", "  ```cpp", "~~~cpp"):
            self.refuse(body + "```cpp", body + fence, r"README.md:\d+: .*(cpp|c\+\+): not one of")
        with self.assertRaisesRegex(check_code.Failed, r"README.md:\d+: a block without an end"):
            self.check(GOOD + "```text\n")

    def test_missing_parts(self) -> None:
        self.refuse("run: sum", "run: total", "0 blocks are <!-- run: sum -->")
        self.refuse("prints: sum", "print: sum", "0 blocks are <!-- prints: sum -->")
        self.refuse("cmake: add_subdirectory", "cmake: add_folder", r"README.md:\d+: no such way: add_folder")
        self.refuse("```cmake", "```text", "no page says how to build the program")
        with self.assertRaisesRegex(check_code.Failed, "2 blocks are <!-- run: sum -->"):
            self.check(GOOD + fenced("run: sum", "cpp", PROGRAM))


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        COMPILER = sys.argv.pop(1)
    unittest.main()
