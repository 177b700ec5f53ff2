#!/bin/sh
# What the tests need from the operating system: a browser and its driver, for tests/acceptance.
# Quick when both are there. Without them (and without apt) those tests are skipped and say so.
set -u

found() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 &&
        command -v chromedriver >/dev/null 2>&1
}

found && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "tests/prepare.sh: no Chromium with chromedriver here, and no apt-get to install them." >&2
    echo "  Install both yourself; until then the browser tests are skipped." >&2
    exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "tests/prepare.sh: installing Chromium needs root. Run once:" >&2
        echo "  sudo apt-get update && sudo apt-get install -y chromium chromium-driver fonts-noto-core" >&2
        echo "  Until then the browser tests are skipped." >&2
        exit 0
    fi
fi

log=$(mktemp)
echo "tests/prepare.sh: installing Chromium and chromedriver with apt-get (once) ..."
if $as_root apt-get update >"$log" 2>&1 &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        chromium chromium-driver fonts-noto-core >>"$log" 2>&1 && found; then
    rm -f "$log"
    exit 0
fi
echo "tests/prepare.sh: apt-get could not install Chromium; the browser tests are skipped." >&2
tail -n 5 "$log" >&2
rm -f "$log"
exit 0
