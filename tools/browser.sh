# shellcheck shell=sh
# Finds or fetches the browser of the browser tests. Read by ../baton for `test`; uses its say and fail.

get_browser() {
    if [ -n "${BATON_CHROMIUM:-}" ]; then
        browser_works "$BATON_CHROMIUM" || fail "BATON_CHROMIUM=$BATON_CHROMIUM does not run. Unset it to let ./baton find a browser."
        return
    fi
    if find_browser; then return; fi
    if may_use_apt; then
        say "no Chromium found: installing Debian's with apt-get (about 100 MB, once)."
        as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium
        if find_browser; then return; fi
    fi
    say "fetching Playwright's Chromium (about 170 MB, once)."
    .venv/bin/python -m playwright install chromium
    if find_browser; then return; fi
    fail "there is no browser for the browser tests, and getting one did not work (see above). Install Chromium (Debian: apt-get install chromium), or name one in BATON_CHROMIUM, or leave these tests out: ./baton test --no-browser"
}

find_browser() { # sets BATON_CHROMIUM
    for name in chromium google-chrome google-chrome-stable chromium-browser \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        BATON_CHROMIUM=$(command -v "$name") && browser_works "$BATON_CHROMIUM" && return
    done
    BATON_CHROMIUM=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright: print(playwright.chromium.executable_path)' 2>/dev/null) &&
        browser_works "$BATON_CHROMIUM"
}

browser_works() { "$1" --version >/dev/null 2>&1; } # Ubuntu's chromium-browser only tells to install a snap

may_use_apt() { command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
