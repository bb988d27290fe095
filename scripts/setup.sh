#!/usr/bin/env bash
# Set up this checkout: system libraries, .venv, locked dependencies, the product itself.
#
#   scripts/setup.sh        what the product needs to run
#   scripts/setup.sh dev    the same, and what its tests and tools need
#
# A second call finds its stamp and ends at once. Nothing is downloaded that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

kind="${1:-run}"
case "$kind" in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "Usage: scripts/setup.sh [run|dev]" >&2; exit 2 ;;
esac

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$@" >&2; exit 1; }

# What the stamp stands for: these files, in this folder (a moved .venv does not work). Of pyproject.toml only what
# an installation depends on: a change in how the code is checked installs nothing anew.
fingerprint() { { pwd; cat "$lock" scripts/setup.sh; sed '/^\[tool\.ruff\]/,$d' pyproject.toml; } | cksum; }
stamp=".venv/.ready-$kind"
is_ready() { [[ -x .venv/bin/python && -f $1 && "$(cat "$1")" == "$(fingerprint)" ]]; }
if is_ready "$stamp" && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi

# The first Python that is new enough and able to make a virtual environment.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# Chromium without its windows answers the tests in about half the time; where apt has none, the whole one does.
has_quick_browser() { command -v chromium-headless-shell; } >/dev/null
has_browser() { has_quick_browser || command -v chromium || command -v chromium-browser; } >/dev/null
is_installed() { [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }

install_system_libraries() {
  local wanted=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation) missing=() package
  if [[ $kind == dev ]]; then
    wanted+=(fonts-dejavu-core)
    has_browser || { apt-cache show chromium-headless-shell >/dev/null 2>&1 && wanted+=(chromium-headless-shell); } ||
      wanted+=(chromium)
  fi
  find_python >/dev/null || wanted+=(python3-venv)
  if ! command -v dpkg-query >/dev/null; then
    say "this is not Debian or Ubuntu: Pango, HarfBuzz and the Liberation fonts must be there already"
    return 0
  fi
  for package in "${wanted[@]}"; do is_installed "$package" || missing+=("$package"); done
  if (( ${#missing[@]} == 0 )); then return 0; fi

  local line="sudo apt-get update && sudo apt-get install --no-install-recommends -y ${missing[*]}" as=()
  if (( EUID != 0 )); then
    sudo -n true 2>/dev/null || stop "system libraries are missing. Run this line, then the same command again:" "  $line"
    as=(sudo -n)
  fi
  say "installing system libraries: ${missing[*]}"
  if ! { "${as[@]}" apt-get update -qq &&
         "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "${missing[@]}"; } >"$log" 2>&1
  then
    tail -n 15 "$log" >&2
    stop "apt could not install them. Run this line, see what it says, then the same command again:" "  $line"
  fi
}

# Not needed, so not being able to is no reason to stop.
install_quick_browser() {
  if has_quick_browser || ! command -v apt-get >/dev/null; then return 0; fi
  local as=()
  if (( EUID != 0 )); then
    sudo -n true 2>/dev/null || return 0
    as=(sudo -n)
  fi
  { "${as[@]}" apt-get update -qq &&
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y chromium-headless-shell
  } >"$log" 2>&1 || say "no chromium-headless-shell to be had: the browser tests take the whole Chromium, and longer"
}

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

install_system_libraries
[[ $kind != dev ]] || install_quick_browser
python="$(find_python)" || stop "Python 3.11 or newer is needed, with its venv module, and none was found." \
  "Install one (for example: sudo apt-get install python3.11 python3.11-venv) or name yours: PYTHON=/path/to/python make setup"

# A .venv from another place, or of a Python that has gone, is made again.
if ! .venv/bin/python -c "import pathlib, sys; sys.exit(pathlib.Path(sys.prefix) != pathlib.Path.cwd() / '.venv')" 2>/dev/null ||
   ! head -n 1 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/"; then
  say "making .venv with $("$python" --version)"
  "$python" -m venv --clear .venv
fi

quiet_pip() {
  if ! .venv/bin/python -m pip --disable-pip-version-check "$@" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    stop "pip could not finish (its last words are above). Is there a network? The same command goes on from here."
  fi
}
say "installing what $lock names (hashes checked)"
quiet_pip install --require-hashes -r "$lock"
quiet_pip install --no-deps --no-build-isolation -e .

fingerprint >"$stamp"
if [[ $kind == dev ]]; then lock=requirements.lock; fingerprint >.venv/.ready-run; fi
say "ready: .venv/bin/recovery-college"
