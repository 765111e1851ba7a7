#!/usr/bin/env python3
"""Doxygen's input filter: turns the house's plain comments into documentation, and leaves everything else as it is.

    // text above a declaration          ->  /// text
    member; // text                      ->  member; ///< text
    the comment that opens a header      ->  the page of that file, and of the name that the file is called after

Only comments at namespace and class scope are taken, never those inside a function. A comment that a blank line
separates from what follows, or that begins with ----, is a remark. Indented lines are shown as they are; all
characters that mean something to Doxygen are quoted. The number of lines does not change, so links to source fit.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CONVENTIONS = Path(__file__).with_name("conventions.txt")
COMMENT = re.compile(r"^(\s*)//(?!/)( ?)(.*)$")
TYPE_HEAD = re.compile(r"^(?:(?:inline|static|constexpr|export|friend|typedef)\s+)*(class|struct|union|enum)\b")
SPECIAL = re.compile(r"([\\@<>&#%$\"*_`~|\[\]])")


def quoted(text: str) -> str:
    text = SPECIAL.sub(r"\\\1", text).replace("\\*", "&#42;").replace("\\_", "&#95;").replace("\\`", "&#96;")
    text = text.replace("\\[", "&#91;").replace("\\]", "&#93;").replace("\\~", "&#126;").replace("\\|", "&#124;")
    text = text.replace("::", "\\::")
    # A list or a heading by accident: a number, plus or minus where a line begins, a line of dashes.
    text = re.sub(r"^(\s*)([-+])(?=\s)", r"\1&#45;" if text.lstrip().startswith("-") else r"\1&#43;", text)
    text = re.sub(r"^(\s*\d+)([.)])(?=\s)", r"\1&#46;" if re.match(r"\s*\d+\.", text) else r"\1&#41;", text)
    return text.replace("--", "&#45;&#45;").replace("==", "&#61;&#61;")


def as_documentation(lines: list[str], mark: str) -> list[str]:
    """`lines` without //: one line of documentation for each. Indented lines become verbatim."""
    out: list[str] = []
    inside = False
    for at, line in enumerate(lines):
        indented = line.startswith("   ")
        following = next((later for later in lines[at + 1 :] if later.strip()), "")
        if inside and not indented and line.strip():
            out[-1] += " \\endverbatim"
            out.append(quoted(line))
            inside = False
        elif inside and not line.strip() and not following.startswith("   "):
            out.append("\\endverbatim")
            inside = False
        elif indented and not inside:
            out.append(f"\\verbatim {line[4:]}")
            inside = True
        else:
            out.append(line if inside else quoted(line))
    if inside:
        out[-1] += " \\endverbatim"
    return [f"{mark} {line}".rstrip() for line in out]


def without_text(line: str) -> str:
    """The code of a line: strings, characters and comments taken out."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    line = re.sub(r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\])'", "' '", line)
    return line.split("//", 1)[0]


def without_templates(head: str) -> str:
    """`head` without its leading template parameters and requires clauses of the simple form."""
    while (found := re.match(r"^\s*template\s*<", head)) is not None:
        depth, at = 1, found.end()
        while at < len(head) and depth > 0:
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[at:]
    return re.sub(r"^\s*requires\s+\S+(<[^>]*>)?", "", head).strip()


class Scope:
    """Follows braces: are we where declarations stand, or inside a function?"""

    def __init__(self) -> None:
        self.open: list[bool] = []  # of each brace: whether declarations stand inside
        self.head = ""  # since the last ; { or }
        self.parentheses = 0

    def declares(self) -> bool:
        return all(self.open) and self.parentheses == 0

    def at_start(self) -> bool:
        return not self.head.strip() or self.head.strip().endswith(":")

    def follow(self, code: str) -> None:
        if code.lstrip().startswith("#"):
            return
        for c in code:
            if c in "([":
                self.parentheses += 1
            elif c in ")]":
                self.parentheses -= 1
            if c == "{":
                head = without_templates(self.head)
                head = re.sub(r"^(public|private|protected)\s*:", "", head).strip()
                opens = head.startswith("namespace") or head.startswith("inline namespace")
                opens = opens or head.startswith("extern") or TYPE_HEAD.match(head) is not None
                self.open.append(opens and self.parentheses == 0)
                self.head = ""
            elif c == "}":
                if self.open:
                    self.open.pop()
                self.head = ""
            elif c == ";" and self.parentheses == 0:
                self.head = ""
            else:
                self.head += c
        self.head += " "


def first_paragraph(lines: list[str]) -> str:
    words: list[str] = []
    for line in lines:
        if not line.strip() or line.startswith("    "):
            break
        words.append(line.strip())
    return " ".join(words)


def conventions() -> dict[str, str]:
    lines = CONVENTIONS.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


def declared_name(ahead: str) -> str | None:
    """The name that the declaration at the beginning of `ahead` declares, if it is a plain one."""
    head = re.split(r"[;{]", without_templates(ahead), maxsplit=1)[0].strip()
    other = r"^(explicit|friend|namespace|static_assert|public|private|protected|using namespace|extern|return)\b|^[#}~]"
    if not head or re.match(other, head):
        return None
    if found := re.match(r"^(?:class|struct|union|concept|using|enum(?:\s+class)?)\s+(\w+)\b", head):
        return found.group(1)
    while (shorter := re.sub(r"<[^<>()]*>", "", head)) != head:
        head = shorter
    head = re.split(r"[(=]", head, maxsplit=1)[0].strip()
    found = re.match(r"^.*[\s&*:](\w+)$", head)
    return found.group(1) if found and "operator" not in head else None


def mentioned(name: str, opening: list[str]) -> list[str]:
    """Lines of the opening comment that say something about a name: as a formula, a drawing, or in `quotes`."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    told = ("_" in name and len(name) > 4, f"`{name}")
    return [
        line.strip() for line in opening if word.search(line) and (told[0] or told[1] in line or line.startswith("   "))
    ][:3]


def converted(text: str, path: Path) -> list[str]:
    lines = text.split("\n")
    out: list[str] = []
    scope = Scope()
    at = 0
    opening: list[str] = []
    named = False
    everywhere = conventions()
    stem = re.compile(
        rf"(?:\b(?:class|struct|concept|enum class)\s+{path.stem}\b(?!\s*;))"
        rf"|(?:\b{path.stem}\()|(?:\busing\s+{path.stem}\s*=)"
    )
    while at < len(lines):
        line = lines[at]
        found = COMMENT.match(line)
        if found is not None:
            end = at
            while end < len(lines) and COMMENT.match(lines[end]) is not None:
                end += 1
            block = [COMMENT.match(each).group(3) for each in lines[at:end]]  # type: ignore[union-attr]
            spaces = found.group(1)
            above = end < len(lines) and lines[end].strip() not in ("", "}", "};", "public:", "private:")
            if at == 0:
                opening = block
                made = as_documentation(block, "///")
                made[0] = made[0].replace("/// ", "/// \\brief ", 1)
                out += made
                if end < len(lines) and lines[end].startswith("#pragma once"):
                    out.append("/// \\file")  # in the place of a line that Doxygen does not need
                    end += 1
            elif scope.declares() and scope.at_start() and above and not block[0].lstrip().startswith("----"):
                marked = block[:]
                marked[0] = re.sub(r"^spec: ", "spec: ", marked[0])
                out += [spaces + each for each in as_documentation(marked, "///")]
                if stem.search(" ".join(lines[end : end + 3])):
                    named = True
            else:
                out += lines[at:end]
            at = end
            continue
        code = without_text(line)
        declares = scope.declares() and scope.at_start()
        if declares and not named and opening and path.suffix == ".hpp":
            # The name that the file is called after, without a comment of its own: the file's is about it.
            ahead = " ".join(without_text(each) for each in lines[at : at + 4])
            start = re.match(r"^(template\s*<|class\b|struct\b|concept\b|enum class\b|using\b|inline\b|result<)", ahead)
            hit = stem.search(ahead)
            if start and hit and ";" not in ahead[: hit.start()] and "{" not in ahead[: hit.start()]:
                brief = quoted(first_paragraph(opening))
                if brief:
                    line = f"/** {brief} See the description of the file. */ {line}"
                    named = True
        trailing = re.match(r"^(.*\S)\s*//(?![/<]) ?(.*)$", line)
        commented = out and (out[-1].lstrip().startswith("///") or line.startswith("/**"))
        if declares and not commented and not trailing and opening and code.strip():
            name = declared_name(" ".join(without_text(each).strip() for each in lines[at : at + 5]))
            if name and (about := mentioned(name, opening)):
                line = f"/** From the description of the file: {quoted(' / '.join(about))} */ {line}"
            elif name in everywhere:
                line = f"/** {quoted(everywhere[name])} */ {line}"
        inside_type = all(scope.open) and (code.rstrip().endswith((";", ",")) or code.count("{") == code.count("}"))
        if trailing and code.strip() and "//" not in trailing.group(1) and inside_type and all(scope.open):
            if not code.lstrip().startswith(("#", "}", "using namespace")):
                mark = trailing.group(1)
                line = f"{mark} ///< {quoted(trailing.group(2))}"
                column = lines[at].index("//", len(without_text(lines[at]).rstrip()))
                out.append(line)
                scope.follow(code)
                at += 1
                # What the formatter broke over several lines goes on in the same column.
                while column > 20 and at < len(lines) and (more := COMMENT.match(lines[at])):
                    if abs(len(more.group(1)) - column) > 2:
                        break
                    out.append(f"{more.group(1)}///< {quoted(more.group(3))}")
                    at += 1
                continue
        out.append(line)
        scope.follow(code)
        at += 1
    return out


def main() -> None:
    path = Path(sys.argv[1])
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        sys.stdout.write(text)
        return
    sys.stdout.write("\n".join(converted(text, path)))


if __name__ == "__main__":
    main()
