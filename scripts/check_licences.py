#!/usr/bin/env python3
"""Checks that every dependency may be used in an Apache-2.0 program: those not allowed are listed, exit status 1.

For: `make lint`. Standard library only; reads what cargo and the page's lock file say of themselves. Keeps: a licence is
allowed by name below or the build stops.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC",
    "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}


def allowed(expression):
    """Whether an SPDX expression (`/` is an old way to write OR) leaves a choice that is allowed."""
    tokens = re.findall(r"\(|\)|\bOR\b|\bAND\b|[A-Za-z0-9.+-]+(?: WITH [A-Za-z0-9.-]+)?", expression.replace("/", " OR "))
    words = {"(": "(", ")": ")", "OR": " or ", "AND": " and "}
    # Only brackets, `or`, `and` and truth values are left to evaluate.
    text = "".join(words.get(t) or str(t in ALLOWED) for t in tokens)
    return bool(tokens) and bool(eval(text, {"__builtins__": {}}))  # noqa: S307


def main():
    out = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found = [(f"{p['name']} {p['version']}", p["license"] or "") for p in json.loads(out.stdout)["packages"]]
    lock = ROOT / "web/package-lock.json"
    if lock.is_file():
        # What only builds or tests the page is not shipped.
        found += [(f"{name.removeprefix('node_modules/')} {p.get('version')}", p.get("license", ""))
                  for name, p in json.loads(lock.read_text(encoding="utf-8"))["packages"].items()
                  if name and not p.get("dev")]
    faults = [f"{name}: {licence or 'no licence named'}" for name, licence in found if not allowed(licence)]
    for line in faults:
        print(line)
    print(f"licences: {len(found)} packages, " + ("clean" if not faults else f"{len(faults)} not allowed"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
