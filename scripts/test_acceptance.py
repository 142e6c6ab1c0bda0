"""Tests of acceptance.py: each fault it must find is planted once, and the clean table finds none.

Run by `make test`: python3 -m unittest discover -s scripts
"""
import tempfile
import unittest
from pathlib import Path

import acceptance

SOURCE = '''
//! A file. assert!(1 == 1) in a comment shows nothing.
#[test]
fn good() { assert_eq!(1, 1); }
#[test]
fn by_helper() { outer(); }
fn outer() { inner::<u8>(1); }
fn inner<T>(_x: T) { assert!(ok()); }
#[test]
fn hollow() { let text = "assert!(x)"; let raw = r#"assert!("}")"#; let c = '"'; run('}', text); }
#[test]
fn always() { assert!(true, "said nothing"); }
mod tests {
    #[test]
    fn same() { let _ = 1; }
}
mod other {
    #[test]
    fn same() { prop_assert!(x); }
}
both_engines! { fn each() { app.expect_status(200); } }
'''
TABLE = "| id | what it says | shown by |\n|---|---|---|\n"


def row(cell, name="SK-a1"):
    return f"{TABLE}| {name} | words with \\| inside | {cell} |\n"


class Acceptance(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        file = self.root / "main.rs"
        file.write_text(SOURCE, encoding="utf-8")
        (self.root / "deep").mkdir()
        (self.root / "deep" / "mod.rs").write_text("fn far() { assert!(a); }", encoding="utf-8")
        names = ["good", "by_helper", "hollow", "always", "tests::same", "other::same", "each::sqlite", "each::postgres",
                 "deep::far", "deep::gone", "skipped", "broken", "absent"]
        self.tests = {f"pkg-a::bin {n}": {"ignored": n == "skipped", "file": file, "test": n} for n in names}
        self.ran = {("pkg-a::bin", n): "passed" for n in names if n != "absent"}
        self.ran["pkg-a::bin", "broken"] = "failed"

    def faults(self, cell, **more):
        return acceptance.faults_of(row(cell), self.tests, self.ran, **more)[0]

    def test_rows(self):
        rows = list(acceptance.rows_of(row("`x`") + "| prose | two |\n"))
        self.assertEqual(rows, [(3, "SK-a1", "words with \\| inside", "`x`")])

    def test_clean(self):
        for name in ("good", "by_helper", "other::same", "each::sqlite", "deep::far"):
            self.assertEqual(self.faults(f"`pkg-a::bin {name}`"), [], name)
        self.assertEqual(self.faults("`pkg_a::bin::good`, `pkg-a::bin deep::far`"), [])

    def test_faults(self):
        for name, words in (("hollow", "asserts nothing"), ("always", "asserts nothing"), ("tests::same", "asserts nothing"),
                            ("deep::gone", "source was not found"), ("skipped", "is ignored"), ("broken", "failed"),
                            ("absent", "did not run"), ("nowhere", "no such test")):
            found = self.faults(f"`pkg-a::bin {name}`")
            self.assertTrue(any(words in f for f in found), (name, found))

    def test_a_near_name_is_offered(self):
        self.assertIn("is it pkg-a::bin good", self.faults("`pkg-b good`")[0])

    def test_cells(self):
        self.assertIn("no test named", self.faults("later")[0])
        self.assertIn("still a guess", self.faults("`pkg-a::bin good` (guess)")[0])
        faults, rows, names, loud = acceptance.faults_of(row("not shown: no machine for it"), {}, {})
        self.assertEqual((faults, rows, names), ([], 1, 0))
        self.assertIn("NOT SHOWN: no machine for it", loud[0])
        twice = acceptance.faults_of(row("`pkg-a::bin good`") + row("`pkg-a::bin good`"), self.tests, self.ran)[0]
        self.assertIn("occurs twice", twice[0])
        self.assertIn("no row found", acceptance.faults_of("prose", {}, {})[0][0])

    def test_bench(self):
        text = "# Measures\n## B1 report to commit\n12,000 a second\n## B4 empty\nlater\n"
        self.assertEqual(self.faults("`bench: B1`", benches=text), [])
        self.assertIn("no figure", self.faults("`bench: B4`", benches=text)[0])
        self.assertIn("no such heading", self.faults("`bench: B11`", benches=text)[0])

    def test_fuzz(self):
        cell = "`fuzz: every operation`"
        self.assertIn("no result", self.faults(cell)[0])
        self.assertIn("no result", self.faults(cell, fuzz_ran={})[0])
        self.assertEqual(self.faults(cell, fuzz_ran={("s", "GET /a"): "passed"}), [])
        self.assertIn("failed", self.faults(cell, fuzz_ran={("s", "GET /a"): "passed", ("s", "GET /b"): "failed"})[0])

    def test_web(self):
        (self.root / "src").mkdir()
        (self.root / "src" / "a.test.ts").write_text(
            "describe('clock', () => {\n  it('counts (down)', () => { expect(f(1)).toBe(2) })\n"
            "  test(\"hollow\", () => { f(1) })\n})\n", encoding="utf-8")
        ran = {("src/a.test.ts", "clock > counts (down)"): "passed", ("src/a.test.ts", "clock > hollow"): "passed"}
        more = {"web_ran": ran, "web": self.root}
        self.assertEqual(self.faults("`web: src/a.test.ts › clock › counts (down)`", **more), [])
        self.assertIn("asserts nothing", self.faults("`web: src/a.test.ts › clock › hollow`", **more)[0])
        self.assertIn("no such test", self.faults("`web: src/a.test.ts › gone`", **more)[0])
        self.assertIn("no result", self.faults("`web: src/a.test.ts › gone`")[0])

    def test_junit(self):
        file = self.root / "junit.xml"
        file.write_text('<testsuites><testsuite name="p::b"><testcase name="a"/><testcase name="b"><failure/></testcase>'
                        '<testcase name="c"><skipped/></testcase></testsuite></testsuites>', encoding="utf-8")
        self.assertEqual(acceptance.results(file),
                         {("p::b", "a"): "passed", ("p::b", "b"): "failed", ("p::b", "c"): "skipped"})

    def test_listing(self):
        suite = {"package-name": "p", "kind": "test", "binary-name": "b", "testcases": {"t": {"ignored": False}}}
        lib = dict(suite, kind="lib", **{"binary-name": "p_lib"})
        tests = acceptance.listed({"rust-suites": {"p::b": suite, "p": lib}},
                                  {("p", "test", "b"): Path("b.rs"), ("p", "lib", ""): Path("lib.rs")})
        self.assertEqual(tests["p::b t"], {"ignored": False, "file": Path("b.rs"), "test": "t"})
        self.assertEqual(tests["p t"]["file"], Path("lib.rs"))


if __name__ == "__main__":
    unittest.main()
