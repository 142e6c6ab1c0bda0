#!/usr/bin/env python3
"""Prints 10,000 random spans of working days as `chinesecalendar` counts them: what the work calendar is compared with.

For: scripts/calendar_check.sh, which brings the package; the lines are crates/core/tests/data/workday_spans.csv. Keeps: only
years that both the package and data/rules/calendar.csv cover, and the same lines from every version of Python.

`after` is the day reached when `workdays` working days follow the day `from`; `within` is the number of working days of
the days after `from` up to and with `to`. Days are written yyyymmdd.
"""
import csv
import datetime
import random
from pathlib import Path

import chinese_calendar
from chinese_calendar import constants

SPANS = 10_000
SEED = 20_261_120
TABLE = Path(__file__).resolve().parent.parent / "data/rules/calendar.csv"


def years():
    """The first and the last year that both cover."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        ours = {int(row["date"][:4]) for row in csv.DictReader(file)}
    both = ours & {day.year for day in constants.holidays}
    return min(both), max(both)


def main():
    first, last = years()
    day, days = datetime.date(first, 1, 1), []
    while day.year <= last:
        days.append(day)
        day += datetime.timedelta(days=1)
    # worked[i]: working days before days[i]; nth[n]: the place of the n-th working day.
    worked, nth = [0], []
    for i, day in enumerate(days):
        if chinese_calendar.is_workday(day):
            nth.append(i)
        worked.append(len(nth))

    # Only random() gives the same numbers in every version of Python.
    below = random.Random(SEED).random
    rows = []
    while len(rows) < SPANS:
        start = int(below() * len(days))
        # Half of them are as short as limits are.
        workdays = 1 + int(below() * (10 if below() < 0.5 else 250))
        end = start + int(below() * (30 if below() < 0.5 else 400))
        place = worked[start + 1] + workdays - 1
        if place < len(nth) and end < len(days):
            rows.append((days[start], workdays, days[nth[place]], days[end], worked[end + 1] - worked[start + 1]))

    print("from,workdays,after,to,within")
    for start, workdays, after, end, within in sorted(rows):
        print(f"{start:%Y%m%d},{workdays},{after:%Y%m%d},{end:%Y%m%d},{within}")


if __name__ == "__main__":
    main()
