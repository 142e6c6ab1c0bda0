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
                ("rules/plan_units.csv", "FIRE,assist,60s,RESCUE", "FIRE,assist,60s,FIRE", "falls back to itself"),
                ("rules/plan_units.csv", "P_GAS,02,FIRE,assist", "P_GAS,02,FIRE,lead", "2 leads"),
                ("rules/classes.csv", ",FIRE|GRID,", ",FIRE|GRIDX,", "unknown unit kind 'GRIDX'"),
                ("rules/calendar.csv", "2026-02-14,workday", "2026-02-13,workday", "not a make-up day"),
                ("rules/calendar.csv", "\n2022-", "\n2032-", "2022 is left out"),
                ("rules/classes.csv", ",FIRE|GRID,", ",GAS|GRID,", "two parts"),
                ("rules/classes.csv", "Suspected gas leak,event", "Suspected gas leak,person", "subject is 'person'"),
                ("rules/classes.csv", "Suspected gas leak,event", "Suspected gas leak,own_need", "on the public map"),
                ("rules/classes.csv", "2min,1min,1min,15min,2h,1h", "2min,1min,1min,15min,1min,1h", "longer than handle"),
                ("rules/classes.csv", "severity>=major:province", "severity>major:province", "skip rule"),
                ("rules/classes.csv", "Gas safety,thing", "Gas safety,place", "its types say"),
                ("rules/classes.csv", "希望|增加", "集会|增加", "集会 is refused"),
                ("rules/limits_by_severity.csv", "AQ01,ordinary", "AQ01,major", "has its limits in classes.csv"),
                ("rules/filing_conditions.csv", "CG02-1,CG02", "CG02-1,CG99", "of class 'CG99'"),
                ("rules/plans.csv", "at {place}", "at {site}", "different blanks"),
                ("rules/plans.csv", "RQ01|RQ06", "RQ01|XF01", "starts two plans"),
                ("rules/plan_steps.csv", "P_CROWD,03,TOURPOL", "P_CROWD,03,SANIT", "not sent by the plan"),
                ("rules/plan_steps.csv", "P_CROWD,03,TOURPOL,10min", "P_CROWD,03,TOURPOL,1min", "out of the order of time"),
                ("rules/role_acts.csv", "auditor,accept,0,,,", "auditor,accept,1,area,county,county", "auditor may accept"),
                ("rules/settings.csv", "nested_most", "nested_least", "the settings are not"),
                ("rules/ladder.csv", ",verify,75%", ",verify,175%", "yellow '175%'"),
                ("rules/ladder.csv", ",handle,75%,150%,200%", ",handle,75%,200%,150%", "the red card does not come after"),
                ("demo/units.csv", "HCB,510116", "HCB,510117999", "unknown division"),
                ("demo/people.csv", "duty_chief,HLX-CGC", "auditor,HLX-CGC", "kept apart"),
                ("divisions/sichuan/former.csv", "513402", "513499", "former code"),
            ):
                text = (root / file).read_text(encoding="utf-8")
                self.assertIn(old, text, file)
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
