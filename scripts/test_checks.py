"""Tests of check_text.py, check_licences.py, check_data.py and summary.py: each finds what it is for, and the project's own tables are clean.

Run by `make test`: python3 -m unittest discover -s scripts
"""
import shutil
import tempfile
import unittest
from pathlib import Path

import check_data
import check_licences
import check_text
import summary

DATA = check_text.ROOT / "data"


class Text(unittest.TestCase):
    def faults(self, name, text):
        return list(check_text.faults_of(name, text.encode()))

    def test_clean(self):
        self.assertEqual(self.faults("a.rs", "//! For this.\nfn f() {}\n"), [])
        self.assertEqual(self.faults("Cargo.lock", check_text.INDEX + "\n"), [])

    def test_faults(self):
        for name, text, words in (
            ("a.rs", "fn f() {}\n", "must begin with //!"),
            ("a.md", "see /ho" + "me/someone/x\n", "path of one machine"),
            ("a.ts", "// FIX" + "ME later\n", "unfinished"),
            ("a.md", "line\r\n", "LF ends"),
            ("Cargo.lock", 'source = "registry+https://elsewhere/index"\n', "elsewhere"),
            (".npmrc", "registry=https://regis" + "try.elsewhere.example/\n", "names a registry"),
            ("web/package-lock.json", '"resolved": "x"\n', "came from"),
        ):
            self.assertTrue(any(words in f for f in self.faults(name, text)), (name, text))


class Licences(unittest.TestCase):
    def test_expressions(self):
        for text in ("MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR GPL-2.0) AND Unicode-3.0",
                     "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"):
            self.assertTrue(check_licences.allowed(text), text)
        for text in ("", "GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0"):
            self.assertFalse(check_licences.allowed(text), text)


class Data(unittest.TestCase):
    def test_the_tables_are_clean(self):
        faults, divisions = check_data.check(DATA)
        self.assertEqual(faults, [])
        self.assertEqual(divisions, 1 + 21 + 183 + 3111 + 34412)

    def test_planted_faults_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "data"
            shutil.copytree(DATA, root)
            for file, old, new, words in (
                ("rules/plan_units.csv", ",60s,", ",60wh,", "acknowledge_limit"),
                ("rules/classes.csv", ",FIRE|GRID,", ",FIRE|GRIDX,", "unknown unit kind 'GRIDX'"),
                ("rules/calendar.csv", "2026-02-14,workday", "2026-02-13,workday", "not a make-up day"),
                ("rules/calendar.csv", "\n2022-", "\n2032-", "2022 is left out"),
                ("demo/units.csv", "HCB,510116", "HCB,510117999", "unknown division"),
                ("demo/people.csv", "duty_chief,HLX-CGC", "auditor,HLX-CGC", "kept apart"),
                ("divisions/sichuan/former.csv", "513402", "513499", "former code"),
            ):
                text = (root / file).read_text(encoding="utf-8")
                (root / file).write_text(text.replace(old, new), encoding="utf-8")
                faults, _ = check_data.check(root)
                (root / file).write_text(text, encoding="utf-8")
                self.assertTrue(any(words in f for f in faults), (file, faults[:3]))


class Summary(unittest.TestCase):
    def test_line(self):
        self.assertEqual(summary.line(["passed", "passed", "skipped"]), "test result: ok. 2 passed; 0 failed; 1 ignored")
        self.assertIn("FAILED", summary.line(["passed", "failed"]))
        self.assertIn("FAILED", summary.line([]))


if __name__ == "__main__":
    unittest.main()
