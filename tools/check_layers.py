#!/usr/bin/env python3
"""Checks that every include respects the rooms.

What a room may include is read from src/CMakeLists.txt (ROOMS and HEADERS_OF), so there is one table. This script adds
what a linker cannot see: which single headers HEADERS_OF opens, which folder alone may include a third-party header,
and who may reach what can delete. It prints one line a broken rule, with the rule, and exits 1.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")

# (room, other room): the headers of the other room that HEADERS_OF opens.
OPEN_HEADERS = {
    ("scan", "store"): {"store/lister.h"},
    ("scan", "references"): {"references/source.h"},
    ("plan", "scan"): {"scan/result.h"},
    ("apply", "references"): {"references/source.h"},
    ("report", "scan"): {"scan/result.h"},
    ("report", "store"): {"store/lister.h"},
    ("report", "references"): {"references/source.h"},
}

# Third-party header (by its beginning) -> the folders of src/ that may include it.
THIRD_PARTY = {
    "curl/": ["http"],
    "pugixml": ["store/s3"],
    "libpq": ["references/postgresql"],
    "postgres": ["references/postgresql"],
    "mysql": ["references/mysql"],
    "mariadb": ["references/mysql"],
    "sqlite3": ["references/sqlite"],
    "zlib": ["references/csv"],
    "toml++": ["config"],
    "CLI/": ["cli"],
    "re2/": ["model"],
    "utf8proc": ["model"],
    "xxhash": ["base"],
    "openssl/": ["base", "aws"],
    "nlohmann/": ["aws", "plan", "report", "references/postgresql", "workflow", "cli"],
}

# What can remove or restore objects is for one room alone.
DANGEROUS = {"store/remover.h": "apply", "store/restorer.h": "apply", "store/prober.h": "apply"}


def rooms_of(cmake_text):
    """room -> (rooms it is linked to, rooms of which it sees single headers)"""
    rooms = {}
    for body in re.findall(r"flotsam_room\(([^)]*)\)", cmake_text):
        words = body.split()
        groups = {"ROOMS": set(), "HEADERS_OF": set(), "LIBRARIES": set()}
        group = None
        for word in words[1:]:
            if word in groups:
                group = word
            elif group:
                groups[group].add(word)
        rooms[words[0]] = (groups["ROOMS"], groups["HEADERS_OF"])
    return rooms


def problems_of(path, rooms):
    relative = os.path.relpath(path, SRC)
    room = relative.split(os.sep)[0]
    folder = os.path.dirname(relative)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            quote, header = found.groups()
            where = f"src/{relative}:{number}: includes {header}"
            for start, homes in THIRD_PARTY.items():
                if header.startswith(start) and not any(folder == h or folder.startswith(h + "/") for h in homes):
                    yield f"{where}, which only {', '.join('src/' + h + '/' for h in homes)} may"
            if quote != '"' or room not in rooms:
                continue
            other = header.split("/")[0]
            if other not in rooms:
                yield f"{where}, which is in no room: write \"room/header.h\""
                continue
            if header in DANGEROUS and room not in (DANGEROUS[header], "store"):
                yield f"{where}: only src/{DANGEROUS[header]}/ may reach what can delete or restore"
            linked, headers_of = rooms[room]
            if other == room or other in linked:
                continue
            if other in headers_of:
                if header not in OPEN_HEADERS.get((room, other), set()):
                    yield f"{where}, but {room} sees of {other} only {sorted(OPEN_HEADERS.get((room, other), set()))}"
                continue
            yield f"{where}, but {room} may use only {', '.join(sorted(linked | headers_of))} (src/CMakeLists.txt)"


def cycle_of(rooms):
    """A chain of rooms that leads back to its start, or nothing."""
    def walk(room, trail):
        if room in trail:
            return trail[trail.index(room):] + [room]
        for other in sorted(rooms[room][0] | rooms[room][1]):
            found = walk(other, trail + [room]) if other in rooms else None
            if found:
                return found
        return None
    for room in rooms:
        found = walk(room, [])
        if found:
            return found
    return None


def main():
    with open(os.path.join(SRC, "CMakeLists.txt"), encoding="utf-8") as file:
        rooms = rooms_of(file.read())
    problems = []
    for folder, _, names in os.walk(SRC):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith((".h", ".cpp")) and folder != SRC:
                problems.extend(problems_of(path, rooms))
    for room in sorted(os.listdir(SRC)):
        if os.path.isdir(os.path.join(SRC, room)) and room not in rooms:
            problems.append(f"src/{room}/ is no room of src/CMakeLists.txt")
    cycle = cycle_of(rooms)
    if cycle:
        problems.append("rooms in a circle: " + " -> ".join(cycle))
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(rooms)} rooms, no forbidden include")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
