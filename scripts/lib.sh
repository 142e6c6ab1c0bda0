# What the other scripts share: where things lie, and the tools they need. Sourced, never run.
# Must not start or install anything. Every missing tool is told with a line that says what to do.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# One target folder for all steps; absolute, because the tests start programs from other folders.
target=${CARGO_TARGET_DIR:-$root/target}
case $target in /*) ;; *) target=$root/$target ;; esac
export CARGO_TARGET_DIR=$target
# Scripts leave no folders of compiled Python behind.
export PYTHONDONTWRITEBYTECODE=1

step() { printf '\n== %s\n' "$*" >&2; }
die() { echo "$(basename "$0"): $*" >&2; exit 1; }

need_cargo() {
  command -v cargo >/dev/null || die "cargo is missing: install Rust from rustup.rs; the toolchain of rust-toolchain.toml is then fetched by itself"
  command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null ||
    die "a C compiler is missing (SQLite is compiled in): Debian, Ubuntu: sudo apt-get install build-essential"
}

need_node() {
  local version
  command -v node >/dev/null || die "node is missing: install Node.js 20.19 or later from nodejs.org or your distribution"
  version=$(node --version)
  # 20.19 is what the page's build tool asks for.
  [ "$(printf '%s\n' v20.19.0 "$version" | sort -V | head -n 1)" = v20.19.0 ] ||
    die "node $version is too old: install Node.js 20.19 or later"
  command -v npm >/dev/null || die "npm is missing: it comes with Node.js (Debian, Ubuntu: sudo apt-get install npm)"
}

need_python() {
  command -v python3 >/dev/null || die "python3 is missing: Debian, Ubuntu: sudo apt-get install python3 python3-venv"
}

need_nextest() {
  cargo nextest --version >/dev/null 2>&1 && return
  step "installing cargo-nextest (once)"
  cargo install cargo-nextest --locked ||
    die "cargo-nextest could not be installed: see nexte.st for a ready-made one. Plain cargo test does not write the result that the acceptance check reads"
}

# The map files we write are opened by GDAL's programs in the tests.
need_gdal() {
  command -v ogrinfo >/dev/null && command -v ogr2ogr >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "ogrinfo and ogr2ogr are missing: install GDAL (Debian, Ubuntu: sudo apt-get install gdal-bin; Fedora: sudo dnf install gdal; macOS: brew install gdal)"
  step "no GDAL found, installing it with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  local get=(apt-get install -y --no-install-recommends gdal-bin)
  { "${get[@]}" || { apt-get update && "${get[@]}"; }; } >&2 </dev/null ||
    die "apt-get could not install gdal-bin: see its message above"
}

# The page's dependencies, exactly those of the lock file; again only when the lock file changed.
web_dependencies() {
  if [ ! -e web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
    (cd web && npm ci --no-audit --no-fund)
  fi
}

web_build() {
  web_dependencies
  (cd web && npm run --silent build)
}
