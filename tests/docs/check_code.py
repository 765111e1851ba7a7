#!/usr/bin/env python3
"""Compiles the C++ of the Markdown pages, runs what they say to run, and builds it in each way that they show.

    check_code.py --source FOLDER --prefix FOLDER --work FOLDER --compiler PROGRAM [--launcher PROGRAM]

Of a fenced block of C++ a comment on the line above says what it is:

    <!-- run: sum -->           the program; the block after <!-- prints: sum --> is what it prints
    <!-- compile: program -->   a whole file
    <!-- compile: body -->      statements of a function
    <!-- shown: FILE -->        lines of FILE, which the build compiles

A CMake block has <!-- cmake: WAY -->, WAY being add_subdirectory, find_package or fetch_content: it is the
CMakeLists.txt of the program. A block of C++ or CMake without a comment is an error, and so is a language that
LANGUAGES does not name. `--prefix` is where veilsum is installed.

Exit status: 0 all as written, 1 not so.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from check_links import pages

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
LANGUAGES = ["", "cmake", "cpp", "text"]


class Failed(Exception):
    pass


@dataclass
class Block:
    place: str
    language: str
    mark: str
    text: str


def blocks(root: str) -> list[Block]:
    found = []
    for page in pages(root):
        with open(page, encoding="utf-8") as file:
            lines = file.read().split("\n")
        at = 0
        while at < len(lines):
            if lines[at].lstrip().startswith(("```", "~~~")):
                place = f"{os.path.relpath(page, root)}:{at + 1}"
                language = lines[at].removeprefix("```")
                if language not in LANGUAGES:
                    raise Failed(f"{place}: {lines[at]}: not one of {LANGUAGES}")
                if "```" not in lines[at + 1 :]:
                    raise Failed(f"{place}: a block without an end")
                end = lines.index("```", at + 1)
                mark = re.match(r"<!-- (.*) -->$", lines[at - 1]) if at else None
                found.append(Block(place, language, mark[1] if mark else "", "\n".join(lines[at + 1 : end]) + "\n"))
                at = end
            at += 1
    return found


def must(place: str, command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{place}: {' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def write(path: str, text: str) -> str:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def only(found: list[Block], mark: str) -> Block:
    marked = [block for block in found if block.mark == mark]
    if len(marked) != 1:
        raise Failed(f"{len(marked)} blocks are <!-- {mark} -->: {[block.place for block in marked]}")
    return marked[0]


def compile_block(block: Block, given: argparse.Namespace, number: int) -> None:
    text = block.text
    quiet = []
    if block.mark == "compile: body":
        text = f"#include <veilsum/veilsum.hpp>\n\nvoid body();\nvoid body() {{\n{text}}}\n"
        quiet = ["-Wno-unused-variable", "-Wno-unused-but-set-variable", "-Wno-unused-local-typedefs"]
    source = write(os.path.join(given.work, f"block-{number}.cpp"), text)
    include = "-I" + os.path.join(given.source, "include")
    must(block.place, [given.compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, *quiet, include, source])
    print(f"{block.place}: compiles", flush=True)


def compare_shown(block: Block, root: str) -> None:
    name = block.mark.removeprefix("shown: ")
    path = os.path.join(root, name)
    if not os.path.isfile(path):
        raise Failed(f"{block.place}: there is no {name}")
    with open(path, encoding="utf-8") as file:
        if f"\n{block.text}" not in "\n" + file.read():
            raise Failed(f"{block.place}: {name} does not hold these lines")
    print(f"{block.place}: stands in {name}", flush=True)


def build(program: Block, lists: Block, prints: str, given: argparse.Namespace) -> None:
    way = lists.mark.removeprefix("cmake: ")
    folder = os.path.join(given.work, way)
    write(os.path.join(folder, "sum.cpp"), program.text)
    write(os.path.join(folder, "CMakeLists.txt"), lists.text)
    options = [f"-DCMAKE_CXX_COMPILER={given.compiler}", "-DCMAKE_CXX_FLAGS=" + " ".join(WARNINGS)]
    if given.launcher:
        options.append(f"-DCMAKE_CXX_COMPILER_LAUNCHER={given.launcher}")
    if way == "add_subdirectory":
        os.symlink(given.source, os.path.join(folder, "veilsum"))
    elif way == "find_package":
        options.append(f"-DCMAKE_PREFIX_PATH={given.prefix}")
    elif way == "fetch_content":  # without a network: the folder stands for what would have been fetched
        options += ["-DVEILSUM_REPOSITORY=unused", f"-DFETCHCONTENT_SOURCE_DIR_VEILSUM={given.source}"]
    else:
        raise Failed(f"{lists.place}: no such way: {way}")
    out = os.path.join(folder, "build")
    must(lists.place, ["cmake", "-S", folder, "-B", out, *options])
    must(lists.place, ["cmake", "--build", out])
    printed = must(program.place, [os.path.join(out, "sum")])
    if printed != prints:
        raise Failed(f"{program.place}, {way}: printed {printed!r}, the page says {prints!r}")
    print(f"{program.place}: built by {way}, printed what the page says", flush=True)


def check(given: argparse.Namespace) -> None:
    """Throws Failed at the first thing that is not as written; what is quick to see comes first."""
    shutil.rmtree(given.work, ignore_errors=True)
    os.makedirs(given.work)
    found = blocks(given.source)
    program, prints = only(found, "run: sum"), only(found, "prints: sum")
    ways, compiled = [], []
    for block in found:
        if block.language == "cmake" and block.mark.startswith("cmake: "):
            ways.append(block)
        elif block.language == "cpp" and block.mark in ("compile: body", "compile: program"):
            compiled.append(block)
        elif block.language == "cpp" and block.mark.startswith("shown: "):
            compare_shown(block, given.source)
        elif block.language in ("cpp", "cmake") and block is not program:
            raise Failed(f"{block.place}: no comment above says what this block is")
    if not ways:
        raise Failed("no page says how to build the program")
    for number, block in enumerate(compiled, 1):
        compile_block(block, given, number)
    for block in ways:
        build(program, block, prints.text, given)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compiles and runs the code of the Markdown pages.")
    for name in ("source", "prefix", "work", "compiler"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--launcher", default="")
    try:
        check(parser.parse_args())
    except Failed as failure:
        print(f"FAILED: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
