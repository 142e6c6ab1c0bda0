#!/usr/bin/env python3
"""Holds docs/acceptance.md to its word: every row is shown by a test that exists, ran, passed and asserts something.

For: the end of `make test`, after the tests. Standard library only. Must not run a test itself, and must not take a test's
word from anywhere but the run's own result. Keeps: a row of the table that nothing shows is a fault, never a silence.

A row is `| SK-a1 | what it says | shown by |`. "shown by" holds code spans, each one of
    `package::binary path::of::test`   a test as nextest names it (a library's tests: `package path::of::test`)
    `web: src/file.test.ts › name`     a test of the page
    `bench: name`                      a heading of docs/benchmarks.md with a figure below it
    `fuzz: every operation`            the run of schemathesis over the OpenAPI document
or the plain words `not shown: reason`, which are printed loudly and counted.

    python3 scripts/acceptance.py --junit target/nextest/default/junit.xml [--web-junit FILE] [--fuzz-junit FILE] [--list FILE]
"""
import argparse
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What counts as asserting. `assert!(true)` does not, and is taken out before this is looked for.
ASSERTS = re.compile(r"\b(?:prop_)?assert\w*\s*[!(]|\bexpect_\w+\s*[!(]|\binsta::|\bcheck!")
EMPTY_ASSERT = re.compile(r"\b(?:prop_)?assert!\s*\(\s*true\s*[,)]")
WEB_ASSERTS = re.compile(r"\bexpect\s*\(|\bassert\w*\s*[.(]")


# ---- the table ----------------------------------------------------------------------------------------------------------

def rows_of(text):
    """(line number, id, what, shown by) of every row of the tables whose first column is an id."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            continue
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if len(cells) == 3 and re.fullmatch(r"[A-Z]+-[a-z]\d*", cells[0]):
            yield number, cells[0], cells[1], cells[2]


# ---- Rust source --------------------------------------------------------------------------------------------------------

RUST_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|b?r(\#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'])'""", re.S)


def blank(source):
    """The source with comments, strings and characters blanked out, line ends and places kept."""
    return RUST_TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), source)


def closing(text, start, pair="{}"):
    """The index after the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] == pair[0]:
            depth += 1
        elif text[i] == pair[1]:
            depth -= 1
            if depth == 0:
                return i + 1
    return len(text)


def functions(text):
    """Every `fn` of a blanked text by name, with its bodies."""
    found = {}
    for m in re.finditer(r"\bfn\s+(\w+)", text):
        open_at = re.compile(r"[{;]").search(text, m.end())
        if open_at and open_at[0] == "{":
            found.setdefault(m[1], []).append(text[open_at.start():closing(text, open_at.start())])
    return found


def asserts(body, functions_of_file, depth=3):
    """Whether a body asserts, itself or in a function of the same file that it calls."""
    if ASSERTS.search(EMPTY_ASSERT.sub(" ", body)):
        return True
    if depth == 0:
        return False
    for name in set(re.findall(r"\b(\w+)(?:::<[^>]*>)?\s*\(", body)):
        if any(b != body and asserts(b, functions_of_file, depth - 1) for b in functions_of_file.get(name, [])):
            return True
    return False


def module_file(root_file, path):
    """The file that holds a module path and what of the path is inside it: inline modules stay."""
    folder = root_file.parent
    for cut in range(len(path), 0, -1):
        for file in (folder.joinpath(*path[:cut]).with_suffix(".rs"), folder.joinpath(*path[:cut], "mod.rs")):
            if file.is_file() and file != root_file:
                return file, path[cut:]
    return root_file, path


def inside(text, modules):
    """What stands in the given inline modules; a module that a macro makes is not found and changes nothing."""
    for name in modules:
        m = re.search(rf"\bmod\s+{name}\s*\{{", text)
        if m:
            text = text[m.end() - 1:closing(text, m.end() - 1)]
    return text


def rust_fault(root_file, test):
    """What is wrong with a test's source, or None. `a::b::name`, or `a::name::engine` where a macro makes one per engine."""
    path = test.split("::")
    for name, modules in ((path[-1], path[:-1]), (path[-2] if len(path) > 1 else None, path[:-2])):
        if name is None:
            continue
        file, rest = module_file(root_file, modules)
        text = blank(file.read_text(encoding="utf-8"))
        bodies = functions(inside(text, rest)).get(name)
        if bodies:
            if all(asserts(b, functions(text)) for b in bodies):
                return None
            return f"asserts nothing ({file.name})"
    return "its source was not found"


# ---- what was listed and what ran ---------------------------------------------------------------------------------------

def target_files():
    """The root file of every target, by (package, kind, name)."""
    out = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, check=True, capture_output=True)
    files = {}
    for p in json.loads(out.stdout)["packages"]:
        for t in p["targets"]:
            kind = "lib" if t["kind"][0] in ("lib", "rlib", "proc-macro") else t["kind"][0]
            files[p["name"], kind, "" if kind == "lib" else t["name"]] = Path(t["src_path"])
    return files


def listed(listing, files):
    """{"binary-id test": {ignored, file}} of a nextest listing."""
    tests = {}
    for binary, suite in listing["rust-suites"].items():
        kind = "lib" if suite["kind"] in ("lib", "rlib", "proc-macro") else suite["kind"]
        file = files.get((suite["package-name"], kind, "" if kind == "lib" else suite["binary-name"]))
        for name, case in suite.get("testcases", {}).items():
            tests[f"{binary} {name}"] = {"ignored": case["ignored"], "file": file, "test": name}
    return tests


def results(path):
    """{(suite, test): "passed" | "failed" | "skipped"} of a JUnit file."""
    out = {}
    for suite in ET.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            bad = any(case.find(tag) is not None for tag in ("failure", "error"))
            skipped = case.find("skipped") is not None
            out[suite.get("name"), case.get("name")] = "failed" if bad else "skipped" if skipped else "passed"
    return out


# ---- one name -----------------------------------------------------------------------------------------------------------

def rust_name(name, tests, ran):
    """The faults of a row's Rust test."""
    if name not in tests:
        flat = re.sub(r"[ -]", lambda m: "::" if m[0] == " " else "_", name)
        same = [t for t in tests if re.sub(r"[ -]", lambda m: "::" if m[0] == " " else "_", t) == flat]
        if len(same) != 1:
            near = [t for t in tests if t.split("::")[-1].split(" ")[-1] == name.split("::")[-1].split(" ")[-1]]
            yield f"no such test{'; is it ' + ' or '.join(near[:3]) if near else ''}"
            return
        name = same[0]
    test = tests[name]
    if test["ignored"]:
        yield "is ignored"
    state = ran.get(tuple(name.split(" ", 1)))
    if state != "passed":
        yield "did not run" if state is None else state
    fault = rust_fault(test["file"], test["test"]) if test["file"] else "its source was not found"
    if fault:
        yield fault


def web_name(name, ran, web):
    """The faults of a row's test of the page."""
    file, _, title = name.partition("›")
    file, title = file.strip(), " > ".join(p.strip() for p in title.split("›"))
    if ran is None:
        yield "no result of the page's tests was given (--web-junit)"
        return
    states = [s for (suite, case), s in ran.items() if suite.endswith(file) and case == title]
    if not states:
        yield "no such test in the result of the page's tests"
    elif states != ["passed"]:
        yield ", ".join(states)
    path, last = web / file, title.split(" > ")[-1]
    if not path.is_file():
        yield "its file does not exist"
        return
    source = path.read_text(encoding="utf-8")
    m = re.search(r"\b(?:it|test)(?:\.each\([^\n]*\))?\s*\(\s*(['\"`])" + re.escape(last) + r"\1", source)
    if not m:
        yield "its source was not found"
    elif not WEB_ASSERTS.search(source[m.start():closing(source, source.index("(", m.start()), "()")]):
        yield "asserts nothing"


def bench_name(name, text):
    """The faults of a row's measurement."""
    m = re.search(rf"^(#+) [^\n]*{re.escape(name)}\b[^\n]*\n(.*?)(?=^#+ |\Z)", text, re.S | re.M)
    if not m:
        yield "docs/benchmarks.md has no such heading"
    elif not re.search(r"\d", m[2]):
        yield "its section in docs/benchmarks.md has no figure"


def fuzz_name(ran):
    """The faults of the run of schemathesis."""
    if not ran:
        yield "no result of schemathesis was given (--fuzz-junit), or no operation is in it"
    elif "failed" in ran.values():
        yield "failed"


def faults_of(doc, tests, ran, web_ran=None, web=ROOT / "web", benches="", fuzz_ran=None):
    """(faults, rows, names, rows not shown) of the table."""
    faults, loud, rows, names, seen = [], [], 0, 0, set()
    for line, row, _what, cell in rows_of(doc):
        rows += 1
        at = f"acceptance.md:{line}: {row}"
        if row in seen:
            faults.append(f"{at}: the id occurs twice")
        seen.add(row)
        if "guess" in cell:
            faults.append(f"{at}: the test is still a guess")
            continue
        spans = re.findall(r"`([^`]+)`", cell)
        unshown = re.search(r"not shown: *(.+)", re.sub(r"`[^`]*`", "", cell))
        if unshown:
            loud.append(f"{at}: NOT SHOWN: {unshown[1]}")
        elif not spans:
            faults.append(f"{at}: no test named")
        for span in spans:
            names += 1
            kind, _, rest = span.partition(": ")
            found = (web_name(rest, web_ran, web) if kind == "web" else bench_name(rest, benches) if kind == "bench"
                     else fuzz_name(fuzz_ran) if kind == "fuzz" else rust_name(span, tests, ran))
            faults += [f"{at}: `{span}`: {f}" for f in found]
    if rows == 0:
        faults.append("acceptance.md: no row found")
    return faults, rows, names, loud


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--junit", required=True, type=Path, help="result of cargo nextest run")
    args.add_argument("--web-junit", type=Path, help="result of the page's tests")
    args.add_argument("--fuzz-junit", type=Path, help="result of schemathesis")
    args.add_argument("--list", type=Path, help="output of cargo nextest list --workspace --message-format json; made if not given")
    args = args.parse_args()
    for file in filter(None, (args.junit, args.web_junit, args.fuzz_junit)):
        if not file.is_file():
            print(f"acceptance: {file} is missing: run the tests first")
            return 1
    if args.list:
        listing = args.list.read_text(encoding="utf-8")
    else:
        listing = subprocess.run(["cargo", "nextest", "list", "--workspace", "--message-format", "json"],
                                 cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    tests = listed(json.loads(listing), target_files())
    benches = ROOT / "docs/benchmarks.md"
    faults, rows, names, loud = faults_of(
        (ROOT / "docs/acceptance.md").read_text(encoding="utf-8"), tests, results(args.junit),
        results(args.web_junit) if args.web_junit else None,
        benches=benches.read_text(encoding="utf-8") if benches.is_file() else "",
        fuzz_ran=results(args.fuzz_junit) if args.fuzz_junit else None)
    for line in faults + loud:
        print(line)
    print(f"acceptance: {rows} rows, {names} tests named, {len(loud)} not shown, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
