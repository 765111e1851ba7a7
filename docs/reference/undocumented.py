#!/usr/bin/env python3
"""Counts the public names of the reference that nothing explains, from Doxygen's XML.

A name is explained by a comment on it, by one on another overload of it, or, if the file is called after it, by the
comment that opens the file. Not counted: names in `detail`, private ones, constructors, destructors, operators, and
what an enumeration's or a test's compiler makes by itself (defaulted and deleted functions).

    undocumented.py XML_FOLDER [--list]     exit 1 if a room that is done has such a name
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

# Rooms whose names are not all explained yet.
NOT_DONE = frozenset(
    {
        "aggregation", "audit", "core", "encoding", "group", "hash", "integer", "learn", "modular", "paillier",
        "pedersen", "privacy", "random", "seal", "sign", "threshold", "transcript", "wire", "zk",
    }
)

COUNTED = {"function", "variable", "typedef", "enum", "define", "property"}


def says_something(element: ElementTree.Element) -> bool:
    parts = ("briefdescription", "detaileddescription", "inbodydescription")
    return any("".join(part.itertext()).strip() for name in parts for part in element.findall(name))


def room_of(element: ElementTree.Element) -> str | None:
    location = element.find("location")
    file = location.get("file", "") if location is not None else ""
    parts = Path(file).parts
    at = parts.index("veilsum") + 1 if "veilsum" in parts else len(parts)
    return parts[at] if at + 1 < len(parts) else None


def place_of(element: ElementTree.Element) -> str:
    location = element.find("location")
    assert location is not None
    return f"{location.get('file')}:{location.get('line')}"


def names(folder: Path) -> dict[tuple[str, str], list[tuple[bool, str, str]]]:
    """(scope, name) -> (explained, room, place) of each declaration of it."""
    found: dict[tuple[str, str], list[tuple[bool, str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("*.xml")):
        root = ElementTree.parse(path).getroot()
        for compound in root.findall("compounddef"):
            kind = compound.get("kind")
            scope = compound.findtext("compoundname") or ""
            if kind not in ("class", "struct", "union", "namespace", "concept") or "detail" in scope.split("::"):
                continue
            if kind != "namespace" and compound.get("prot", "public") == "public":
                room = room_of(compound)
                if room is not None:
                    outer, _, name = scope.rpartition("::")
                    found[outer, name].append((says_something(compound), room, place_of(compound)))
            for member in compound.iter("memberdef"):
                room = room_of(member)
                name = member.findtext("name") or ""
                if member.get("prot") != "public" or member.get("kind") not in COUNTED or room is None:
                    continue
                own = scope.rpartition("::")[2].split("<")[0]
                arguments = (member.findtext("argsstring") or "").replace(" ", "")
                made = arguments.endswith(("=default", "=delete"))
                if made or name in (own, "~" + own) or name.startswith("operator"):
                    continue
                found[scope, name].append((says_something(member), room, place_of(member)))
                for value in member.findall("enumvalue"):
                    found[f"{scope}::{name}", value.findtext("name") or ""].append(
                        (says_something(value), room, place_of(member)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("xml", type=Path)
    parser.add_argument("--list", action="store_true", help="name them")
    parser.add_argument("--room", help="of this room only")
    options = parser.parse_args()
    found = names(options.xml)
    if len(found) < 1000:
        print(f"only {len(found)} names in {options.xml}: the reference is not complete", file=sys.stderr)
        return 1
    missing: dict[str, list[str]] = defaultdict(list)
    total: dict[str, int] = defaultdict(int)
    for (scope, name), declarations in sorted(found.items()):
        room = declarations[0][1]
        total[room] += 1
        if not any(explained for explained, _, _ in declarations):
            missing[room].append(f"{declarations[0][2]}: {scope}::{name}")
    bad = 0
    for room in sorted(total):
        count = len(missing[room])
        done = room not in NOT_DONE
        bad += count if done else 0
        if count and (options.room in (None, room)):
            print(f"{room}: {count} of {total[room]} names unexplained" + ("" if done else " (a room not done yet)"))
            if options.list or done:
                print("\n".join("  " + each for each in missing[room]))
    open_names = sum(map(len, missing.values()))
    print(f"reference: {sum(total.values())} public names, {open_names} unexplained, {bad} in rooms that are done")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
