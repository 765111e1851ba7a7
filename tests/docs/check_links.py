#!/usr/bin/env python3
"""Whether every link between the project's Markdown pages leads somewhere: files, folders, and headings of pages; and
whether links lead from README.md to every page.

    check_links.py FOLDER

Links stand in the text, [so](page.md#heading). Exit status: 0 all do, 1 some do not.
"""

from __future__ import annotations

import os
import re
import sys

TARGET = re.compile(r"\]\(<?([^)\s>]+)>?(?: +\"[^\"]*\")?\)")  # of a link whose text may have begun on the line above
DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:")
HTML = re.compile(r"<(?:a|img|source)\s", re.IGNORECASE)
LIST_ITEM = re.compile(r"(?:[-*+]|[0-9]+\.) ")


def pages(root: str) -> list[str]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != "build" and not name.startswith(".")]
        found += [os.path.join(folder, name) for name in files if name.endswith(".md")]
    return sorted(found)


def prose(page: str) -> list[str]:
    """Its lines, those inside of code emptied. Indented lines are code unless they go on with an item of a list."""
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    fenced = in_list = False
    for i, line in enumerate(lines):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        if line and not line.startswith(" "):
            in_list = LIST_ITEM.match(line) is not None
        if fenced or fence or (line.startswith("    ") and not in_list):
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
    """What is wrong, and the number of links."""
    wrong, links = [], 0
    root = os.path.abspath(root)
    leads: dict[str, set[str]] = {}
    for page in pages(root):
        leads[page] = set()
        for number, line in enumerate(prose(page), 1):
            line = re.sub(r"`[^`]*`", "", line)
            here = f"{os.path.relpath(page, root)}:{number}"
            if DEFINITION.match(line) or HTML.search(line):
                wrong.append(f"{here}: a link of a form that is not followed")
            for target in TARGET.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                links += 1
                path, _, anchor = target.partition("#")
                aim = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                if aim != root and not aim.startswith(root + os.sep):
                    wrong.append(f"{here}: {target}: outside of the project")
                elif not os.path.exists(aim):
                    wrong.append(f"{here}: {target}: no such file")
                elif anchor and (not aim.endswith(".md") or anchor not in anchors(aim)):
                    wrong.append(f"{here}: {target}: no such heading")
                leads[page].add(os.path.join(aim, "README.md") if os.path.isdir(aim) else aim)
    reached, ahead = set(), [os.path.join(root, "README.md")]
    while ahead:
        page = ahead.pop()
        if page in leads and page not in reached:
            reached.add(page)
            ahead += leads[page]
    wrong += [f"{os.path.relpath(page, root)}: no link leads here" for page in leads if page not in reached]
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
