#!/usr/bin/env python3
"""What Doxygen reads: copies of the headers and pages with the house's plain comments turned into Doxygen's.

In a header, at namespace and class scope only:

    // text above a declaration      ->  /** text */
    member; // text                  ->  member; ///< text
    the comment that opens the file  ->  the description of the file, and of the name that the file is called after
    a name without a comment         ->  its sentence in conventions.txt, if there is one

A comment inside a function, before a blank line, or that begins with ---- is a remark and stays one. `name` is shown
as code, lines indented by two spaces or more are shown as they are, and nothing else has a meaning to Doxygen. Lines
stay where they are, and the code stays as it is: tests/docs/test_reference.py.

In a page, links to what is not part of the reference become text: [the course](examples/course) -> the course.

    comments.py ROOT OUT     writes OUT/include/..., OUT/README.md, ...
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

COMMENT = re.compile(r"^(\s*)//(?!/) ?(.*)$")
# Code, and the comment at its end.
TRAILING = re.compile(r"^(\s*[^\s/].*?)\s*//(?!/) ?(.*)$")
# What ends a member: the last enumerator has nothing behind it.
ENDS = re.compile(r"[;,}]\s*$|^\s*\w+( = [^,]+)?\s*$")
IMAGE = re.compile(r"!\[[^\]]+\]")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
INCLUDE = f"{os.sep}include{os.sep}"
# After a comment: it says nothing about a declaration.
ENDS_OF_SCOPES = ("", "}", "};", "public:", "private:")
OTHER = "explicit|friend|namespace|static_assert|public|private|protected|using namespace|extern"
NOT_A_NAME = re.compile(rf"^({OTHER})\b|^[#}}~]")
HOLDS_DECLARATIONS = re.compile(
    r"^(inline\s+|constexpr\s+|static\s+|friend\s+)*(namespace|extern|class|struct|union|enum)\b"
)
TYPE = r"(?:class|struct|union|concept|using|enum(?:\s+class)?)"


def conventions() -> dict[str, str]:
    """name -> sentence"""
    lines = Path(__file__).with_name("conventions.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {name: text for name, _, text in pairs}


def escaped(text: str) -> str:
    """`text` so that neither Doxygen nor Markdown finds a command, a link, a list or the end of the comment in it."""
    text = re.sub(r"[\\@<>&#%$\"*`\[\]]|(?<!\w)_|::|--+", lambda found: "\\" + found.group(), text)
    text = text.replace("*/", "*&zwj;/")
    text = re.sub(r"^\+(?=\s)", "&plus;", text)
    return re.sub(r"^(\d+)?([-.])(?=\s)", r"\1\\\2", text)


def shown(text: str) -> str:
    """`text` as documentation: `code` as code, all else as it is."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"<code>{escaped(part)}</code>" if at % 2 else escaped(part) for at, part in enumerate(parts))


def documentation(lines: list[str]) -> list[str]:
    """Documentation of `lines`, each on its line. Indented lines and the blank ones between them are verbatim."""
    indented = [line.startswith("  ") for line in lines]
    for at in range(1, len(lines) - 1):
        indented[at] = indented[at] or (not lines[at].strip() and indented[at - 1] and lines[at + 1].startswith("  "))
    out: list[str] = []
    margin = 0  # of the indented lines that stand together
    for at, line in enumerate(lines):
        begins = indented[at] and not (at > 0 and indented[at - 1])
        ends = indented[at] and not (at + 1 < len(lines) and indented[at + 1])
        if begins:
            together = lines[at : next((end for end in range(at, len(lines)) if not indented[end]), len(lines))]
            margin = min(len(each) - len(each.lstrip()) for each in together if each.strip())
        text = line[margin:] if indented[at] else shown(line)
        if begins and out and not out[-1]:
            out[-1] = "\\verbatim"
        elif begins:
            text = f"\\verbatim {text}"
        out.append(text + (" \\endverbatim" if ends else ""))
    return out


def without_text(line: str) -> str:
    """The code of a line: strings, characters and comments taken out."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    line = re.sub(r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\])'", "' '", line)
    return line.split("//", 1)[0]


def code_of(lines: list[str]) -> str:
    return " ".join(without_text(line).strip() for line in lines)


def without_templates(head: str) -> str:
    """`head` without the template parameters and the requirement that it begins with."""
    while (found := re.match(r"^\s*template\s*<", head)) is not None:
        depth, at = 1, found.end()
        while at < len(head) and depth > 0:
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[at:]
    return re.sub(r"^\s*requires\s+\S+(<[^>]*>)?", "", head).strip()


def declared_name(ahead: str) -> str | None:
    """The name that the declaration at the beginning of `ahead` declares, if it is a plain one."""
    head = re.split(r"[;{]", without_templates(ahead), maxsplit=1)[0].strip()
    if not head or NOT_A_NAME.match(head):
        return None
    if found := re.match(rf"^{TYPE}\s+(\w+)\b", head):
        return found.group(1)
    while (shorter := re.sub(r"<[^<>()]*>", "", head)) != head:
        head = shorter
    head = re.split(r"[(=]", head, maxsplit=1)[0].strip()
    found = re.match(r"^.*[\s&*:](\w+)$", head)
    return found.group(1) if found and "operator" not in head else None


class Scope:
    """Follows braces: are we where declarations stand, or inside a function?"""

    def __init__(self) -> None:
        self.open: list[str] = []  # what each brace belongs to: namespace, class, enum, ..., or "" for code
        self.head = ""  # since the last ; { or }
        self.parentheses = 0
        self.directive = False  # of the preprocessor, which goes on in the next line

    def declares(self) -> bool:
        """Whether a declaration may stand here."""
        return "" not in self.open

    def begins(self) -> bool:
        """Whether a declaration begins here."""
        return self.declares() and self.parentheses == 0 and (not self.head.strip() or self.head.strip().endswith(":"))

    def follow(self, code: str) -> None:
        if code.lstrip().startswith("#") or self.directive:
            self.directive = code.rstrip().endswith("\\")
            return
        for c in code:
            self.parentheses += {"(": 1, "[": 1, ")": -1, "]": -1}.get(c, 0)
            if c == "{":
                head = without_templates(re.sub(r"^\s*(public|private|protected)\s*:", "", self.head))
                found = HOLDS_DECLARATIONS.match(head) if self.parentheses == 0 else None
                self.open.append(found.group(2) if found is not None else "")
            elif c == "}" and self.open:
                self.open.pop()
            self.head = "" if c in "{}" or (c == ";" and self.parentheses == 0) else self.head + c
        self.head += " "


def of_namespace(path: Path, opening: list[str]) -> str:
    """A room's namespace is described by the opening of its umbrella header: All of the room X: what it holds. ..."""
    room = re.match(r"All of the room (\w+): (.*?\.)(\s|$)", " ".join(opening))
    if room is not None:
        return f" /** \\namespace veilsum::{room.group(1)} \\brief {room.group(2)[0].upper()}{room.group(2)[1:]} */"
    if path.stem == "veilsum":
        return " /** \\namespace veilsum \\brief The library: a namespace for each room. */"
    return ""


class Header:
    """Goes through the lines of a header once; `out` has a line for each that was read."""

    def __init__(self, text: str, path: Path) -> None:
        self.lines = text.split("\n")
        self.path = path
        self.everywhere = conventions()
        self.out: list[str] = []
        self.scope = Scope()
        self.documented = False  # the line above is documentation of what begins here
        self.described = False  # the name that the file is called after has been seen

    def filtered(self) -> str:
        while len(self.out) < len(self.lines):
            if COMMENT.match(self.lines[len(self.out)]):
                self.take_block()
            else:
                self.take_code()
        return "\n".join(self.out)

    def description(self) -> str:
        """A comment that repeats the description of the file."""
        return f"/** \\copydoc {str(self.path).rpartition(INCLUDE)[2]} */ "

    def is_described(self, name: str | None) -> bool:
        """Whether this is the name that the file is called after, for the first time."""
        return name == self.path.stem and not self.described and set(self.scope.open) <= {"namespace"}

    def take_block(self) -> None:
        """Comments in lines of their own."""
        end = len(self.out)
        block: list[str] = []
        while end < len(self.lines) and (found := COMMENT.match(self.lines[end])) is not None:
            spaces = found.group(1)
            block.append(found.group(2))
            end += 1
        following = self.lines[end].strip() if end < len(self.lines) else ""
        texts = [each.rstrip() for each in documentation(block)]
        if not self.out and following.startswith("#pragma once"):
            # Doxygen does not need the pragma: its line is there for a command that needs a line of its own.
            self.out += [f"/** \\brief {texts[0]}", *texts[1:], "\\file */" + of_namespace(self.path, texts)]
        elif not self.scope.begins() or following in ENDS_OF_SCOPES or block[0].startswith("----"):
            self.out += self.lines[len(self.out) : end]
        else:
            name = declared_name(code_of(self.lines[end : end + 5]))
            texts[-1] += " */"
            self.out += [f"{spaces}{self.description() if self.is_described(name) else ''}/** {texts[0]}", *texts[1:]]
            self.documented = True

    def take_code(self) -> None:
        """A line of code, and the comment behind it."""
        at = len(self.out)
        line = self.lines[at]
        code = without_text(line)
        trailing = TRAILING.match(line)
        if trailing is not None and trailing.group(1).count('"') % 2 != 0:
            trailing = None  # slashes in a string
        begins = self.scope.begins() and bool(code.strip())
        front = ""
        if begins:
            name = declared_name(code_of(self.lines[at : at + 5]))
            if self.is_described(name):
                self.described = True
                front = "" if self.documented else self.description()
            elif name in self.everywhere and not self.documented and trailing is None:
                front = f"/** {shown(self.everywhere[name])} */ "
        self.documented = False
        self.scope.follow(code)
        if trailing is None or not self.scope.declares() or re.match(r"^\s*([#}]|using namespace)", code):
            self.out.append(front + line)
        elif begins and code.rstrip().endswith("{"):
            self.out.append(f"{front}/** {shown(trailing.group(2))} */ {trailing.group(1)}")
        elif ENDS.search(code):
            self.out.append(f"{front}{trailing.group(1)} ///< {shown(trailing.group(2))}")
            self.take_more(line.index("//", len(trailing.group(1))))
        else:
            self.out.append(front + line)

    def take_more(self, column: int) -> None:
        """What the formatter broke over several lines: a comment behind code goes on in the same column."""
        while column > 20 and (found := COMMENT.match(self.lines[len(self.out)])) is not None:
            if abs(len(found.group(1)) - column) > 2:
                break
            self.out.append(f"{found.group(1)}///< {shown(found.group(2))}")


def header(text: str, path: Path) -> str:
    return Header(text, path).filtered()


def page(text: str) -> str:
    """The page with text instead of links to what Doxygen does not read: sources, folders; and the text of a picture
    in one line. Fenced code stays."""

    def linked(found: re.Match[str]) -> str:
        name, target = found.group(1), found.group(2).partition("#")[0]
        elsewhere = not target or "://" in target or target.startswith("mailto:")
        return found.group() if elsewhere or target.endswith(".md") else name

    parts = re.split(r"(?ms)(^```.*?^```$)", text)
    for at in range(0, len(parts), 2):
        in_a_line = IMAGE.sub(lambda found: " ".join(found.group().split()), parts[at])
        parts[at] = LINK.sub(linked, in_a_line)
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    root: Path = options.root
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "examples").rglob("*.md")]
    for path in [*(root / "include").rglob("*.hpp"), *pages]:
        text = path.read_text(encoding="utf-8")
        copy = options.out / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(page(text) if path.suffix == ".md" else header(text, path), encoding="utf-8")


if __name__ == "__main__":
    main()
