#!/usr/bin/env python3
"""Counts the public names of the reference that nothing explains, from Doxygen's XML.

A name is explained by a comment on it or on another overload of it; a field or an enumerator also by the comment on
its type, if that has it in `quotes`. Not counted: private names (also those in unions, by their final underscore) and
what is inside them, names in `detail`, constructors, destructors, operators, and what is defaulted or deleted.

    undocumented.py XML_FOLDER [--room ROOM]     exit 1 if there is such a name
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

TYPES = {"class", "struct", "union", "concept"}
MEMBERS = {"function", "variable", "typedef", "enum", "define"}
# With fewer public names than this, Doxygen has not seen all of the library.
FEWEST = 2000


@dataclass
class Name:
    place: str  # file:line
    room: str
    explained: bool = False


def explained(element: ElementTree.Element) -> bool:
    parts = ("briefdescription", "detaileddescription", "inbodydescription")
    return any("".join(part.itertext()).strip() for kind in parts for part in element.findall(kind))


def quoted_names(element: ElementTree.Element) -> set[str]:
    """What the description of a type has in `quotes`."""
    parts = element.findall("briefdescription") + element.findall("detaileddescription")
    return {"".join(code.itertext()).strip() for part in parts for code in part.iter("computeroutput")}


class Names(dict[str, Name]):
    """Qualified name -> what is known of it."""

    def note(self, qualified: str, element: ElementTree.Element, is_explained: bool) -> None:
        location = element.find("location")
        file = location.get("file", "") if location is not None else ""
        _, _, rest = file.rpartition("include/veilsum/")
        room, _, _ = rest.partition("/")
        if location is None or not room or room.endswith(".hpp"):
            return
        name = self.setdefault(qualified, Name(f"{file}:{location.get('line')}", room))
        name.explained = name.explained or is_explained

    def note_members(self, scope: str, compound: ElementTree.Element) -> None:
        own = scope.rpartition("::")[2].split("<")[0]
        quoted = quoted_names(compound)
        for member in compound.iter("memberdef"):
            name = member.findtext("name") or ""
            kind = member.get("kind")
            made = (member.findtext("argsstring") or "").replace(" ", "").endswith(("=default", "=delete"))
            if member.get("prot") != "public" or kind not in MEMBERS or made:
                continue
            if name in ("", own, "~" + own) or name.endswith("_") or name.startswith("operator"):
                continue
            self.note(f"{scope}::{name}", member, explained(member) or (kind == "variable" and name in quoted))
            for value in member.findall("enumvalue"):
                one = value.findtext("name") or ""
                self.note(f"{scope}::{name}::{one}", member, explained(value) or one in quoted_names(member))


def read(folder: Path) -> Names:
    compounds: dict[str, list[ElementTree.Element]] = defaultdict(list)
    for path in sorted(folder.glob("*.xml")):
        for compound in ElementTree.parse(path).getroot().findall("compounddef"):
            if compound.get("kind") in TYPES | {"namespace"}:
                compounds[compound.findtext("compoundname") or ""].append(compound)
    private = {scope for scope, parts in compounds.items() if parts[0].get("prot", "public") != "public"}
    found = Names()
    for scope, parts in compounds.items():
        steps = scope.split("::")
        around = {"::".join(steps[:end]) for end in range(1, len(steps) + 1)}
        if any(step.endswith("detail") for step in steps) or around & private:
            continue
        for compound in parts:
            if compound.get("kind") in TYPES:
                found.note(scope, compound, explained(compound))
            found.note_members(scope, compound)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("xml", type=Path)
    parser.add_argument("--room", help="names of this room only")
    options = parser.parse_args()
    found = read(options.xml)
    if len(found) < FEWEST:
        print(f"only {len(found)} names in {options.xml}: the reference is not complete", file=sys.stderr)
        return 1
    missing = {qualified: name for qualified, name in found.items() if not name.explained}
    for qualified, name in sorted(missing.items(), key=lambda item: item[1].place):
        if options.room in (None, name.room):
            print(f"{name.place}: {qualified}")
    for room, count in sorted(Counter(name.room for name in missing.values()).items()):
        print(f"{room}: {count} names unexplained")
    print(f"reference: {len(found)} public names, {len(missing)} unexplained")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
