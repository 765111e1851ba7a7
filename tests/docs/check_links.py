#!/usr/bin/env python3
"""Whether every link between the project's Markdown pages leads somewhere: files, folders, and headings of pages.

    check_links.py FOLDER

Exit status: 0 all do, 1 some do not.
"""

from __future__ import annotations

import os
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SKIPPED = {".git", "build"}


def pages(root: str) -> list[str]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        found += [os.path.join(folder, name) for name in files if name.endswith(".md")]
    return sorted(found)


def prose(page: str) -> list[str]:
    """Its lines, those inside of code emptied."""
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    fenced = False
    for i, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
        if fenced or line.startswith(("```", "    ")):
            lines[i] = ""
    return lines


def anchors(page: str) -> set[str]:
    """As they are made from headings: lower case, spaces to hyphens, without punctuation; a second one gets -1."""
    found: dict[str, int] = {}
    made = set()
    for line in prose(page):
        if heading := re.match(r"#+ +(.*)", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")
            made.add(name if name not in found else f"{name}-{found[name]}")
            found[name] = found.get(name, 0) + 1
    return made


def broken(root: str) -> tuple[list[str], int]:
    wrong, links = [], 0
    for page in pages(root):
        for number, line in enumerate(prose(page), 1):
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                links += 1
                path, _, anchor = target.partition("#")
                aim = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                place = f"{os.path.relpath(page, root)}:{number}: {target}"
                if not os.path.exists(aim):
                    wrong.append(f"{place}: no such file")
                elif anchor and (not aim.endswith(".md") or anchor not in anchors(aim)):
                    wrong.append(f"{place}: no such heading")
    return wrong, links


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    wrong, links = broken(sys.argv[1])
    print("\n".join([*wrong, f"{links} links, {len(wrong)} broken"]))
    return 1 if wrong or links == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
