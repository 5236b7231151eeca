#!/usr/bin/env python3
"""Turns what the command line says of itself into man pages, so that both have one source.

    lamella --experimental-dump-help | docs/man-pages.py FOLDER

Writes FOLDER/lamella.1 and one page for each subcommand (lamella-plan.1, lamella-model-add.1, ...).
"""

import json
import pathlib
import sys

FILES = """\
.SH FILES
.TP
.I /etc/lamella/agent.toml
the agent's configuration; every key and its default are in it
.TP
.I /var/lib/lamella
terms, accepted plans and weights of a board
.SH ENVIRONMENT
.TP
.B LAMELLA_BROKER, LAMELLA_CLUSTER
broker (host:port) and cluster, where --broker and --cluster are not given
.TP
.B LAMELLA_NATIVE_DIR
the folder of libonnxruntime and libhighs, when they are not in ../lib/lamella beside the binary's folder"""


def escaped(text):
    """Roff reads backslashes, leading dots and quotes, and may break words at a plain hyphen."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines)


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def value(argument):
    return f"\\fI{escaped('<' + argument.get('valueName', 'value') + '>')}\\fR"


def spelling(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def shown(entries):
    return [entry for entry in entries or [] if entry.get("shouldDisplay", True)]


def heading(argument):
    """`-h, --help`, `--cluster <file>` or `<model>`."""
    if argument["kind"] == "positional":
        return value(argument)
    names = ", ".join(bold(spelling(name)) for name in argument.get("names", []))
    return names if argument["kind"] == "flag" else f"{names} {value(argument)}"


def synopsis(argument):
    if argument["kind"] == "positional":
        text = value(argument)
    else:
        text = bold(spelling(argument["preferredName"]))
        if argument["kind"] == "option":
            text += " " + value(argument)
    if argument.get("isRepeating"):
        text += " ..."
    return f"[{text}]" if argument.get("isOptional") else text


def explanation(argument):
    text = " ".join(part for part in (argument.get("abstract"), argument.get("discussion")) if part)
    if argument.get("allValues"):
        text += f" One of: {', '.join(argument['allValues'])}."
    if argument.get("defaultValue") is not None:
        text += f" (default: {argument['defaultValue']})"
    return escaped(text.strip())


def page(command, path):
    name = "-".join(path)
    arguments = shown(command.get("arguments"))
    subcommands = [entry for entry in shown(command.get("subcommands")) if entry["commandName"] != "help"]
    yield f'.TH "{name.upper()}" "1" "" "Lamella" "User Commands"'
    yield ".SH NAME"
    yield f"{escaped(name)} \\- {escaped(command.get('abstract') or 'a command of Lamella')}"
    yield ".SH SYNOPSIS"
    words = [bold(" ".join(path)), *map(synopsis, arguments)]
    if subcommands:
        words.append("\\fI<subcommand>\\fR")
    yield " ".join(words)
    if command.get("discussion"):
        yield ".SH DESCRIPTION"
        yield escaped(command["discussion"]).replace("\n\n", "\n.PP\n")
    if arguments:
        yield ".SH OPTIONS"
        for argument in arguments:
            yield from (".TP", heading(argument), explanation(argument))
    if subcommands:
        yield ".SH SUBCOMMANDS"
        for entry in subcommands:
            page_name = "-".join([*path, entry["commandName"]])
            yield from (".TP", f"{bold(page_name)}(1)", escaped(entry.get("abstract") or ""))
    yield ".SH EXIT STATUS"
    yield "0 on success; other codes as said above, else 1 or 64 with one sentence on standard error."
    if len(path) == 1:
        yield FILES
    else:
        yield ".SH SEE ALSO"
        yield f"{bold('-'.join(path[:-1]))}(1)"


def write(command, path, folder):
    text = "\n".join(page(command, path)) + "\n"
    (folder / ("-".join(path) + ".1")).write_text(text, encoding="utf-8")
    for entry in shown(command.get("subcommands")):
        if entry["commandName"] != "help":
            write(entry, [*path, entry["commandName"]], folder)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.1"):
        old.unlink()
    command = json.load(sys.stdin)["command"]
    write(command, [command["commandName"]], folder)


if __name__ == "__main__":
    main()
