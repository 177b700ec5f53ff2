#!/bin/sh
# What the tests need from outside Python: a browser with its driver, and two npm packages that serve
# as independent oracles (a mail parser, an accessibility checker). Quick when all are there. Without
# them (and without apt) the tests that need them are skipped and say so.
set -u
cd "$(dirname "$0")" || exit 0

as_root=""
updated=""

browser() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 &&
        command -v chromedriver >/dev/null 2>&1
}

node() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1
}

# apt NAME PACKAGES...: install packages as root, or say how to do it.
apt() {
    what=$1
    shift
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "tests/prepare.sh: no $what here, and no apt-get to install it; its tests are skipped." >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root="sudo -n"
        else
            echo "tests/prepare.sh: installing $what needs root. Run once:" >&2
            echo "  sudo apt-get update && sudo apt-get install -y $*" >&2
            echo "  Until then its tests are skipped." >&2
            return 1
        fi
    fi
    log=$(mktemp)
    echo "tests/prepare.sh: installing $what with apt-get (once) ..."
    if [ -z "$updated" ]; then
        $as_root apt-get update >"$log" 2>&1 && updated=yes
    fi
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        echo "tests/prepare.sh: apt-get could not install $what; its tests are skipped." >&2
        tail -n 5 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

browser || apt "Chromium and chromedriver" chromium chromium-driver fonts-noto-core

node || apt "Node.js" nodejs npm

# The lock file pins both packages by hash; done again only when it changes.
if node && ! cmp -s node/package-lock.json node/node_modules/.installed-lock; then
    log=$(mktemp)
    if (cd node && npm ci --omit=dev --no-audit --no-fund >"$log" 2>&1); then
        cp node/package-lock.json node/node_modules/.installed-lock
    else
        echo "tests/prepare.sh: npm could not install the test oracles; their tests are skipped." >&2
        tail -n 5 "$log" >&2
    fi
    rm -f "$log"
fi
exit 0
