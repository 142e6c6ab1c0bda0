#!/usr/bin/env python3
"""The closing line of a test run: counts of the given JUnit files, exit status 1 if one failed.

For: the end of `make test`, so that the last line says what ran. Must not judge anything else. Standard library only.
"""
import sys

from acceptance import results


def line(states):
    """The closing line for a list of states of tests."""
    n = {s: states.count(s) for s in ("passed", "failed", "skipped")}
    word = "FAILED" if n["failed"] or not n["passed"] else "ok"
    return f"test result: {word}. {n['passed']} passed; {n['failed']} failed; {n['skipped']} ignored"


def main():
    text = line([state for file in sys.argv[1:] for state in results(file).values()])
    print(text)
    return 0 if " ok. " in text else 1


if __name__ == "__main__":
    sys.exit(main())
