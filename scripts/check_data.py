#!/usr/bin/env python3
"""Checks the tables under data/: every fault with its file and line, exit status 1 if there is one.

For: people who change a table, and `make test`. Standard library only. Must not read anything outside the checkout, and must
not repair what it finds. Keeps: every code that a table names exists in the table that defines it.
    python3 scripts/check_data.py [data folder]
"""
import csv
import datetime
import gzip
import re
import sys
from pathlib import Path

import check_rules

DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
SPAN = re.compile(rf"{DAY}(?:-{DAY})? ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d")


class Tables:
    """Reads tables and collects faults."""

    def __init__(self, root):
        self.root, self.faults = Path(root), []

    def fault(self, where, text):
        self.faults.append(f"{where}: {text}")

    def load(self, name, header, key):
        """Rows of one table, each with its place under `_`; header, line ends and keys are checked."""
        path = self.root / name
        if not path.is_file():
            self.fault(name, "missing")
            return []
        raw = path.read_bytes()
        if name.endswith(".gz"):
            # Bytes 4-7 are the time of packing: the same table must give the same file.
            if raw[4:8] != b"\0\0\0\0":
                self.fault(name, "packed with a time: use gzip -9n")
            raw = gzip.decompress(raw)
        if raw.startswith(b"\xef\xbb\xbf") or b"\r" in raw or not raw.endswith(b"\n"):
            self.fault(name, "must be UTF-8 without mark, LF ends, LF at the end")
        rows = list(csv.reader(raw.decode("utf-8").splitlines()))
        if rows[0] != header:
            self.fault(name, f"header is {rows[0]}, wanted {header}")
            return []
        out, seen = [], set()
        for line, cells in enumerate(rows[1:], 2):
            if len(cells) != len(header):
                self.fault(f"{name}:{line}", f"{len(cells)} cells, wanted {len(header)}")
                continue
            row = dict(zip(header, cells), _=f"{name}:{line}")
            mark = tuple(row[k] for k in key)
            if mark in seen:
                self.fault(row["_"], f"{mark} occurs twice")
            seen.add(mark)
            out.append(row)
        return out

    def known(self, row, field, names, what):
        """Every item of a `|` list in a cell is one of `names`."""
        for item in filter(None, row[field].split("|")):
            if item not in names:
                self.fault(row["_"], f"{field}: unknown {what} {item!r}")

    def limit(self, row, field, units="s|min|h|d|wh|wd"):
        if not re.fullmatch(rf"[1-9]\d*({units})", row[field]):
            self.fault(row["_"], f"{field} {row[field]!r}: a number and one of {units.replace('|', ', ')}")


def check_divisions(t):
    """Codes, parents and successors of Sichuan; returns all codes, the province added as the import adds it."""
    d = "divisions/sichuan/"
    codes = {"51"}
    for name, header, length in (
        ("cities", ["code", "name", "provinceCode"], 4),
        ("areas", ["code", "name", "cityCode", "provinceCode"], 6),
        ("streets", ["code", "name", "areaCode", "provinceCode", "cityCode"], 9),
        ("villages", ["code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"], 12),
    ):
        rows = t.load(f"{d}{name}.csv.gz", header, ["code"])
        for r in rows:
            if not re.fullmatch(rf"\d{{{length}}}", r["code"]) or not r["name"]:
                t.fault(r["_"], f"{r['code']!r} {r['name']!r}: {length} digits and a name wanted")
            for field in header[2:]:
                if r[field] not in codes or not r["code"].startswith(r[field]):
                    t.fault(r["_"], f"{field} {r[field]} is not above {r['code']}")
        codes |= {r["code"] for r in rows}
    for r in t.load(d + "former.csv", ["code", "name", "valid_from", "valid_to", "successor"], ["code"]):
        if r["code"] in codes or r["successor"] not in codes:
            t.fault(r["_"], "a former code is no present one, and its successor is")
        for field in ("valid_from", "valid_to"):
            if r[field] and not re.fullmatch(r"\d{4}-\d\d-\d\d", r[field]):
                t.fault(r["_"], f"{field} {r[field]!r}")
    return codes


def check_calendar(t):
    """Public holidays and make-up days: days in order, make-up days at weekends, no year left out."""
    rows, years = t.load("rules/calendar.csv", ["date", "kind", "name"], ["date"]), set()
    for r in rows:
        t.known(r, "kind", ["holiday", "workday"], "kind")
        try:
            day = datetime.date.fromisoformat(r["date"])
        except ValueError:
            t.fault(r["_"], f"date {r['date']!r}")
            continue
        years.add(day.year)
        if r["kind"] == "workday" and day.weekday() < 5:
            t.fault(r["_"], f"{day} is no weekend: not a make-up day")
        if not r["name"]:
            t.fault(r["_"], "no name")
    if [r["date"] for r in rows] != sorted(r["date"] for r in rows):
        t.fault("rules/calendar.csv", "sorted by date, please")
    for year in set(range(min(years, default=0), max(years, default=0) + 1)) - years:
        t.fault("rules/calendar.csv", f"{year} is left out")


def check_demo(t, divisions, kinds, roles, pairs):
    """Units and people of the demo, against the divisions and the rules."""
    units = {u["code"]: u for u in t.load("demo/units.csv", [
        "code", "name_zh", "name_en", "kind", "division", "capabilities", "duty_hours", "phone", "lon", "lat"], ["code"])}
    for u in units.values():
        t.known(u, "kind", kinds, "unit kind")
        t.known(u, "division", divisions, "division")
        if u["kind"] in kinds:
            t.known(u, "capabilities", kinds[u["kind"]]["typical_capabilities"].split("|"), "capability")
        if u["duty_hours"] != "24h" and not all(SPAN.fullmatch(s.strip()) for s in u["duty_hours"].split(";")):
            t.fault(u["_"], f"duty_hours {u['duty_hours']!r}")
        if not re.fullmatch(r"028-0000-\d{4}", u["phone"]):
            t.fault(u["_"], "a demo telephone number must be one that is never given out")
        if not (97 < float(u["lon"]) < 109 and 26 < float(u["lat"]) < 35):
            t.fault(u["_"], "the position is not in Sichuan")
    people = t.load("demo/people.csv", ["account", "name", "phone", "role", "unit", "division"],
                    ["account", "role", "unit", "division"])
    held, said = {}, {}
    for p in people:
        t.known(p, "role", roles, "role")
        t.known(p, "unit", units, "unit")
        t.known(p, "division", divisions, "division")
        if not re.fullmatch(r"[a-z0-9-]{3,40}", p["account"]):
            t.fault(p["_"], f"account {p['account']!r}")
        if not re.fullmatch(r"10000000\d{3}", p["phone"]):
            t.fault(p["_"], "a demo telephone number must be one that is never given out")
        if said.setdefault(p["account"], (p["name"], p["phone"])) != (p["name"], p["phone"]):
            t.fault(p["_"], f"{p['account']} has another name or number on another line")
        held.setdefault(p["account"], set()).add(p["role"])
    for account, names in held.items():
        for r in pairs:
            if r["kind"] == "role" and r["strength"] == "hard" and {r["a"], r["b"]} <= names:
                t.fault("demo/people.csv", f"{account} holds {r['a']} and {r['b']}, which are kept apart")


def check(root):
    """All faults of a data folder, as lines."""
    t = Tables(root)
    divisions = check_divisions(t)
    kinds, roles, pairs = check_rules.check(t)
    check_calendar(t)
    check_demo(t, divisions, kinds, roles, pairs)
    return t.faults, len(divisions)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "data"
    faults, n = check(root)
    for line in faults:
        print(line)
    print(f"data: {n} divisions, " + ("clean" if not faults else f"{len(faults)} faults"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
