#!/usr/bin/env python3
"""Checks the text of the project's own files: every fault with its file and line, exit status 1 if there is one.

For: `make lint`. Standard library only. Must not change a file. Keeps: the checkout builds on any machine and from any
registry, nothing in it is unfinished, and every Rust file says what it is for.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 3_000_000
# Assembled, so that this file does not find itself.
HOME = re.compile("/(?:" + "ho" + r"me/\w+|Us" + r"ers/\w+|ro" + "ot)/")
MARKS = re.compile(r"\b(?:" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b|\b(?:to" + "do|unimplem" + r"ented)!\(")
HOST = re.compile(r"https?://[^/\s\"']*(?:registry|mirror)[^/\s\"']*")
INDEX = 'source = "registry+https://github.com/rust-lang/crates.io-index"'


def faults_of(name, raw):
    """Lines that say what is wrong with one file; `name` is its path in the checkout."""
    if len(raw) > LARGEST:
        yield f"{name}: {len(raw)} bytes, at most {LARGEST}"
    if b"\0" in raw or name.endswith((".gz", ".png", ".ico", ".woff2")):
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        yield f"{name}: not UTF-8"
        return
    if "\r" in text or (text and not text.endswith("\n")):
        yield f"{name}: LF ends, and one at the end"
    if name.endswith(".rs") and not text.startswith("//!"):
        yield f"{name}:1: must begin with //! and what the file is for"
    for number, line in enumerate(text.splitlines(), 1):
        at = f"{name}:{number}"
        if HOME.search(line):
            yield f"{at}: a path of one machine"
        if MARKS.search(line):
            yield f"{at}: unfinished"
        if name == "Cargo.lock":
            if line.startswith("source = ") and line != INDEX:
                yield f"{at}: {line}"
        elif HOST.search(line):
            yield f"{at}: names a registry or mirror"
        if name.endswith("package-lock.json") and '"resolved"' in line:
            yield f"{at}: names the registry it came from: omit-lockfile-registry-resolved=true in .npmrc"


def main():
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    faults, n = [], 0
    for name in filter(None, names):
        file = ROOT / name
        if file.is_file() and not file.is_symlink():
            n += 1
            faults += faults_of(name, file.read_bytes())
    for line in faults:
        print(line)
    print(f"text: {n} files, " + ("clean" if not faults else f"{len(faults)} faults"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
