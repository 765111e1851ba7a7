#!/usr/bin/env python3
"""Compiles the C++ of the Markdown pages, runs what they say to run, and builds it in each way that they show.

    check_code.py --source FOLDER --prefix FOLDER --work FOLDER --compiler PROGRAM [--launcher PROGRAM]

Of a fenced block of C++ a comment on the line above says what it is:

    <!-- run: NAME -->       a program; the block after <!-- prints: NAME --> is what it prints
    <!-- compile: body -->   statements of a function

A CMake block has <!-- cmake: WAY -->, WAY being add_subdirectory, find_package or fetch_content: it is the CMakeLists.txt
of the program `sum`. A block of C++ or CMake without a comment is an error. `--prefix` is where veilsum is installed.

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
            if fence := re.match(r"```(\w+)$", lines[at]):
                end = lines.index("```", at)
                mark = re.match(r"<!-- (.*) -->$", lines[at - 1]) if at else None
                place = f"{os.path.relpath(page, root)}:{at + 1}"
                found.append(Block(place, fence[1], mark[1] if mark else "", "\n".join(lines[at + 1 : end]) + "\n"))
                at = end
            at += 1
    return found


class Failed(Exception):
    pass


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


def compile_body(block: Block, given: argparse.Namespace, number: int) -> None:
    text = f"#include <veilsum/veilsum.hpp>\n\nvoid body();\nvoid body() {{\n{block.text}}}\n"
    source = write(os.path.join(given.work, f"body-{number}.cpp"), text)
    include = "-I" + os.path.join(given.source, "include")
    quiet = ["-Wno-unused-variable", "-Wno-unused-but-set-variable", "-Wno-unused-parameter"]
    must(block.place, [given.compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, *quiet, include, source])


def build(program: Block, lists: Block, prints: str, given: argparse.Namespace, name: str) -> None:
    way = lists.mark.removeprefix("cmake: ")
    folder = os.path.join(given.work, way)
    write(os.path.join(folder, name + ".cpp"), program.text)
    write(os.path.join(folder, "CMakeLists.txt"), lists.text)
    options = [f"-DCMAKE_CXX_COMPILER={given.compiler}", "-DCMAKE_CXX_FLAGS=" + " ".join(WARNINGS)]
    if given.launcher:
        options.append(f"-DCMAKE_CXX_COMPILER_LAUNCHER={given.launcher}")
    if way == "add_subdirectory":
        os.symlink(given.source, os.path.join(folder, "veilsum"))
    elif way == "find_package":
        options.append(f"-DCMAKE_PREFIX_PATH={given.prefix}")
    elif way == "fetch_content":  # without a network: the folder stands for what would have been fetched
        options.append(f"-DFETCHCONTENT_SOURCE_DIR_VEILSUM={given.source}")
    else:
        raise Failed(f"{lists.place}: no such way: {way}")
    out = os.path.join(folder, "build")
    must(lists.place, ["cmake", "-S", folder, "-B", out, *options])
    must(lists.place, ["cmake", "--build", out])
    printed = must(program.place, [os.path.join(out, name)])
    if printed != prints:
        raise Failed(f"{program.place}, {way}: printed {printed!r}, the page says {prints!r}")
    print(f"{program.place}: built by {way}, printed what the page says", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compiles and runs the code of the Markdown pages.")
    for name in ("source", "prefix", "work", "compiler"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--launcher", default="")
    given = parser.parse_args()
    shutil.rmtree(given.work, ignore_errors=True)
    os.makedirs(given.work)
    found = blocks(given.source)
    programs = {block.mark.removeprefix("run: "): block for block in found if block.mark.startswith("run: ")}
    prints = {block.mark.removeprefix("prints: "): block.text for block in found if block.mark.startswith("prints: ")}
    try:
        if programs.keys() != prints.keys() or "sum" not in programs:
            raise Failed(f"programs {sorted(programs)}, outputs {sorted(prints)}")
        for number, block in enumerate(found):
            if block.language in ("cpp", "cmake") and not block.mark:
                raise Failed(f"{block.place}: no comment says what this block is")
            if block.language == "cpp" and block.mark == "compile: body":
                compile_body(block, given, number)
                print(f"{block.place}: compiles", flush=True)
            elif block.language == "cpp" and not block.mark.startswith("run: "):
                raise Failed(f"{block.place}: {block.mark}?")
            elif block.language == "cmake":
                build(programs["sum"], block, prints["sum"], given, "sum")
    except Failed as failure:
        print(f"FAILED: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
