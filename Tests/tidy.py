#!/usr/bin/env python3
"""Checks the house rules that a formatter does not know. Prints one line for each violation.

    python3 Tests/tidy.py [ROOT]

Exits with 0 when the tree under ROOT (the repository, unless given) is tidy, else with 1.
"""

import pathlib
import re
import sys

LINE_COLUMNS_MAX = 120
FILE_LINES_MAX = 500
SKIPPED_FOLDERS = {".git", ".build", ".native", "Generated", "__pycache__"}
SOURCES = {".swift", ".c", ".h", ".py", ".sh"}
TEXT = SOURCES | {".md", ".toml", ".service", ".conf", ".rules", ".json", ".yml", ""}
# Tables, addresses and examples in a document cannot be broken, nor can sentences in a schema.
UNBREAKABLE = re.compile(r"^\s*\||https?://")
# Written in two halves, so that this file passes itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(ho" r"me|wo" r"rk|ro" r"ot|Us" r"ers)/\w")
FORCED = re.compile(r"\b(try|as)!")
FOUNDATION = re.compile(r"^\s*(@\w+\s+)*import Foundation\s*$")


def tidy_files(root):
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if SKIPPED_FOLDERS & set(relative.parts) or path.is_symlink() or not path.is_file():
            continue
        if path.name.endswith(".pb.swift") or path.suffix not in TEXT or path.name == "LICENSE":
            continue
        yield path, relative


def violations(path, relative):
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        yield f"{relative}: not UTF-8"
        return
    if lines[-1] != "":
        yield f"{relative}:{len(lines)}: no newline at the end of the file"
    if path.suffix in SOURCES and len(lines) - 1 > FILE_LINES_MAX:
        yield f"{relative}: {len(lines) - 1} lines, more than {FILE_LINES_MAX}; split it by idea"
    is_document = path.suffix in {".md", ""}
    in_example = False
    for number, line in enumerate(lines, 1):
        place = f"{relative}:{number}"
        if is_document and line.startswith("```"):
            in_example = not in_example
        may_be_long = path.suffix == ".json" or is_document and (in_example or UNBREAKABLE.search(line))
        if len(line) > LINE_COLUMNS_MAX and not may_be_long:
            yield f"{place}: {len(line)} columns, more than {LINE_COLUMNS_MAX}"
        if line != line.rstrip():
            yield f"{place}: white space at the end of the line"
        if "\t" in line and path.suffix in SOURCES:
            yield f"{place}: a tab"
        if UNFINISHED.search(line):
            yield f"{place}: unfinished work is tracked elsewhere"
        if MACHINE_PATH.search(line):
            yield f"{place}: a path of one machine"
        if path.suffix == ".swift":
            if FORCED.search(line):
                yield f"{place}: forced try or cast"
            if relative.parts[0] == "Sources" and FOUNDATION.match(line):
                yield f"{place}: all of Foundation; FoundationEssentials or Glibc has what is needed"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent).resolve()
    found = [line for path, relative in tidy_files(root) for line in violations(path, relative)]
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
