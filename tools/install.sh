# shellcheck shell=sh
# Makes .venv from uv.lock: finds or fetches uv and a Python that fits. Read by ../baton, only when something is missing;
# uses its say, fail, installed, wanted_state and $root.
# shellcheck disable=SC2154

home=${HOME:-/nonexistent}

install() {
    check_platform
    { mkdir -p .tools && [ -w . ] && [ -w .tools ]; } 2>/dev/null ||
        fail "cannot write to $root: the environment is installed there. Check its owner and the free space, or clone where you may write."
    take_lock
    if ! installed "$1"; then # else the one we waited for has done it
        trap 'say "stopped. The next ./baton takes it up again."; exit 130' INT
        trap 'exit 143' TERM HUP
        prepare_uv_settings
        find_uv
        find_python
        remove_broken_environment
        sync_environment "$1"
        trap - INT TERM HUP
    fi
    exec 9>&- # the lock
}

check_platform() {
    case $(uname -s)-$(uname -m) in
        Linux-x86_64 | Linux-aarch64 | Linux-arm64 | Darwin-arm64 | Darwin-x86_64) ;;
        *) fail "this platform ($(uname -s) $(uname -m)) is not supported: TensorFlow 2.12, which Rasa 3.6 needs, exists for 64-bit Linux and macOS on Intel and ARM. On Windows use WSL." ;;
    esac
    for musl in /lib/ld-musl-*; do
        [ ! -e "$musl" ] || [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-linux-aarch64.so.1 ] ||
            fail "this Linux uses musl instead of glibc (Alpine?): TensorFlow 2.12, which Rasa 3.6 needs, does not exist for it. Use Debian or Ubuntu."
    done
}

# One installs, the others wait. The kernel drops the lock with the last process that holds it, so none gets stale.
take_lock() {
    exec 9>.tools/install.lock
    lock nonblocking || {
        say "another ./baton is installing here; waiting until it is done."
        lock blocking
    }
}

lock() { # $1: blocking or nonblocking
    if command -v flock >/dev/null 2>&1; then # Linux
        if [ "$1" = blocking ]; then flock 9; else flock -n 9; fi
    elif python=$(any_python); then # macOS
        "$python" -c 'import fcntl, sys
fcntl.flock(9, fcntl.LOCK_EX | (fcntl.LOCK_NB if sys.argv[1] == "nonblocking" else 0))' "$1" 2>/dev/null
    fi # neither: uv has a lock of its own, only the messages are less clear
}

# uv obeys uv.lock and nothing else: no configuration file, index or option of the user's machine changes what is
# installed. A mirror is therefore not used for the packages either; a proxy (HTTPS_PROXY) is.
prepare_uv_settings() {
    unset UV_FIND_LINKS UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_DEFAULT_INDEX UV_NO_INDEX UV_NO_SOURCES
    unset UV_FROZEN UV_LOCKED UV_NO_DEV UV_NO_SYNC UV_NO_BINARY UV_NO_BUILD UV_PROJECT UV_WORKING_DIRECTORY
    export UV_NO_CONFIG=1 UV_PROJECT_ENVIRONMENT="$root/.venv"
    export MULTIDICT_NO_EXTENSIONS=1 # Sanic 21.12's multidict has no wheel for Python 3.11: built so, it needs no compiler
    # An inspecting proxy's certificate is known to the system only. Where the system has none at all, uv's own serve.
    for bundle in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
        [ -s "$bundle" ] || continue
        export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}" # the newer and the older name
        break
    done
    if [ ! -w "$home" ]; then # a user without a home, as in containers
        export UV_CACHE_DIR="${UV_CACHE_DIR:-$root/.tools/cache}"
        export UV_PYTHON_INSTALL_DIR="${UV_PYTHON_INSTALL_DIR:-$root/.tools/python}"
    fi
}

uv_works() { # before 0.5 it does not know dependency groups
    case $("$1" --version 2>/dev/null) in
        "uv 0."[0-4].*) return 1 ;;
        "uv "*) return 0 ;;
        *) return 1 ;;
    esac
}

find_uv() {
    for uv in uv "$root/.tools/bin/uv" "$home/.local/bin/uv"; do
        if uv_works "$uv"; then return; fi
    done
    uv=$root/.tools/bin/uv
    python=$(any_python) || fail "found neither uv nor a Python 3 (3.8 or newer) to fetch it with. Debian, Ubuntu: apt-get install python3"
    say "fetching uv, the installer, into .tools (about 25 MB, once)."
    # pip knows the user's mirror and proxy. --target works in spite of an externally managed Python (PEP 668).
    PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$python" -m pip install --quiet --no-input --disable-pip-version-check \
        --retries 1 --timeout 20 --upgrade --target .tools 'uv>=0.5,<1' >.tools/pip.log 2>&1 && uv_works "$uv" && return
    "$python" tools/fetch_uv.py .tools/bin || exit 1
    uv_works "$uv" || fail "uv was fetched into .tools/bin but does not run here. Install uv yourself, then run ./baton again."
}

any_python() {
    for candidate in python3 python3.10 python3.11 python3.12 python3.13 python "$home"/.pyenv/versions/3*/bin/python; do
        "$candidate" -c 'import sys, ssl; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || continue
        printf '%s\n' "$candidate"
        return
    done
    return 1
}

# Only running it proves a Python: pyenv has a shim for every version and most exit 127; a self-built one may lack modules.
# Prints the interpreter below a virtual environment, so that .venv never stands on itself.
fits() { # $1: command  $2: version
    "$1" -c 'import bz2, ctypes, sqlite3, ssl, sys, zlib
fits = sys.implementation.name == "cpython" and sys.maxsize > 2**32 and "%d.%d" % sys.version_info[:2] == sys.argv[1]
print(getattr(sys, "_base_executable", sys.executable)) if fits else sys.exit(1)' "$2" 2>/dev/null
}

find_python() {
    versions="3.10 3.11"
    case ${UV_PYTHON:-} in
        '') # stay with what .venv was made with
            for version in $versions; do python=$(fits .venv/bin/python "$version") && return; done ;;
        3.10*) ;;
        3.11*) versions="3.11 3.10" ;;
        *)
            for version in $versions; do python=$(fits "$UV_PYTHON" "$version") && return; done
            say "UV_PYTHON=$UV_PYTHON is not a Python 3.10 or 3.11 that runs; looking for another." ;;
    esac
    for version in $versions; do
        for candidate in "python$version" python3 python "${PYENV_ROOT:-$home/.pyenv}/versions/$version".*/bin/python \
            "$home/.pyenv/versions/$version".*/bin/python; do
            python=$(fits "$candidate" "$version") && return
        done
        python=$(managed_python "$version") && return
    done
    reason=$(grep . .tools/python.log 2>/dev/null | tail -n 1)
    fail "no Python that fits: Baton needs 3.10 or 3.11, and fetching one did not work either (${reason:-no reason given}).
  Debian 12: apt-get install python3.11     Ubuntu 22.04: apt-get install python3.10     anywhere: pyenv install 3.10
  or name one: UV_PYTHON=/path/to/python3.10 ./baton ..."
}

managed_python() { # $1: version. In a subshell: these settings are for this call only
    (
        unset UV_PYTHON
        export UV_PYTHON_PREFERENCE=only-managed UV_HTTP_RETRIES=1
        if ! found=$("$uv" python find --system --no-project "$1" 2>/dev/null); then
            say "no Python $1 on this machine; fetching one for this user (about 30 MB, once)."
            "$uv" python install "$1" >.tools/python.log 2>&1 || exit 1
            found=$("$uv" python find --system --no-project "$1" 2>>.tools/python.log) || exit 1
        fi
        fits "$found" "$1"
    )
}

# .tools/installing stands while uv writes into .venv. Left behind, a package may be there by half, which uv does not see.
remove_broken_environment() {
    [ -e .venv ] || [ -L .venv ] || return 0
    if [ -e .tools/installing ]; then
        say "the last installation was not finished; making .venv anew."
    elif ! .venv/bin/python -c '' 2>/dev/null; then
        say ".venv does not work any more; making it anew."
    elif [ -r .venv/.baton-main ] && ! grep -qxF "$root" .venv/.baton-main; then
        say "the project was moved or copied; making .venv anew."
    else
        return 0
    fi
    rm -rf .venv || fail "cannot delete $root/.venv: delete it yourself, then run ./baton again."
}

sync_environment() { # $1: main or dev
    if [ -d .venv ]; then
        say "bringing .venv in line with uv.lock."
    else
        say "installing the environment into .venv: about 200 packages, 500 MB to fetch, 2 GB on disk; a few minutes the first time."
    fi
    rm -f .venv/.baton-main .venv/.baton-dev
    : >.tools/installing || fail "cannot write to $root/.tools: is the disk full?"
    # A second try is worth it, as what was fetched is kept; and its words, kept in a file, tell what is wrong.
    uv_sync "$1" || {
        say "that did not work; trying once more."
        uv_sync "$1" >.tools/sync.log 2>&1 || explain_failure .tools/sync.log
    }
    [ -x .venv/bin/python ] || fail "uv ended well but made no .venv/bin/python. Delete $root/.venv, then run ./baton again."
    { wanted_state && printf 'python %s\n' "${UV_PYTHON:-$python}"; } >.venv/.baton-main
    if [ "$1" = dev ]; then cp .venv/.baton-main .venv/.baton-dev; fi
    rm -f .tools/installing
    say "the environment is ready ($("$root/.venv/bin/python" --version 2>&1))."
}

uv_sync() { # $1: main or dev. --inexact: installing main leaves development tools where they are
    if [ "$1" = dev ]; then
        "$uv" sync --frozen --inexact --python "$python" --group dev
    else
        "$uv" sync --frozen --inexact --python "$python" --no-dev
    fi
}

explain_failure() { # $1: file with uv's words
    cat "$1"
    if grep -qiE 'no space left|disk quota' "$1"; then
        fail "the disk is full. The environment needs about 2 GB here, and as much for uv's cache the first time; make room, then run ./baton again."
    elif grep -qiE 'permission denied|read-only file system' "$1"; then
        fail "no permission to write what uv names above. Check who owns $root and uv's cache (UV_CACHE_DIR moves it), then run ./baton again."
    elif grep -qiE 'certificate' "$1"; then
        rm -f .tools/installing
        fail "the package index was reached, but its certificate is not trusted here. Behind a proxy that inspects, set SSL_CERT_FILE to its certificates."
    elif grep -qiE 'dns error|connect|timed out|timeout|error sending request|failed to (fetch|download)' "$1"; then
        rm -f .tools/installing # uv fetches all before it writes any: .venv is as it was
        fail "cannot reach the package index. Check the network (and HTTPS_PROXY, if you need one), then run ./baton again: what was fetched is kept."
    fi
    fail "the environment could not be installed; uv says above why. Run ./baton again to start afresh."
}
