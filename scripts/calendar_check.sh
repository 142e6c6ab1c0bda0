#!/usr/bin/env bash
# Makes the spans of working days that the tests compare the work calendar with once more, from the independent package
# chinesecalendar, and fails when the committed ones differ.
#
#   scripts/calendar_check.sh            compare
#   scripts/calendar_check.sh --write    write them anew, after a new year in data/rules/calendar.csv or a new version here
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

write=
case ${1-} in
  '') ;;
  --write) write=1 ;;
  *) sed -n '2,7p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
version=1.11.0
spans=crates/core/tests/data/workday_spans.csv

need_python
venv=$root/.venv
installed() {
  "$venv/bin/python3" -c 'import importlib.metadata as m; print(m.version("chinesecalendar"))' 2>/dev/null
}
if [ "$(installed)" != "$version" ]; then
  step "installing chinesecalendar $version into .venv (once)"
  python3 -m venv "$venv" || die "python3 cannot make a virtual environment: Debian, Ubuntu: sudo apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "chinesecalendar==$version" ||
    die "chinesecalendar $version could not be installed with pip: see its message above"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$venv/bin/python3" scripts/calendar_spans.py >"$work/spans.csv"
if [ -n "$write" ]; then
  cp "$work/spans.csv" "$spans"
elif ! cmp "$work/spans.csv" "$spans" >&2; then
  die "$spans is not what chinesecalendar $version gives: if the calendar has a new year, scripts/calendar_check.sh --write"
fi
echo "calendar: $(($(wc -l <"$spans") - 1)) spans of chinesecalendar $version"
