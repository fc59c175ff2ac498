#!/bin/sh
# Makes everything `make demo` and `make test` need: system libraries (Debian, Ubuntu), the virtual environment, the locked packages.
# Does nothing when all is there. Where it may not install, it says in a sentence what is missing and goes on.
set -eu
cd "$(dirname "$0")/.."
VENV="${VENV:-.venv}"
say() { printf '%s\n' "set-up: $*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

updated=""
apt_install() {
    if [ -z "$updated" ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1 || say "apt-get update failed; trying with the old lists"
        updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

# has_library NAME: whether the dynamic linker finds it.
has_library() {
    "$PYTHON" -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "$1" 2>/dev/null
}

# want WHAT-FOR PACKAGE...: install, or say what to do.
want() {
    purpose=$1
    shift
    if may_install; then
        say "installing $* ($purpose)"
        apt_install "$@" && return 0
        say "apt-get could not install $*"
    fi
    say "missing: $purpose. Please install it (Debian, Ubuntu: apt-get install $*)."
    return 1
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

PYTHON=$(find_python) || { want "Python 3.11 or newer" python3 python3-venv && PYTHON=$(find_python); } ||
    { say "Scanlane needs Python 3.11 or newer."; exit 1; }

# need_libraries PURPOSE "SONAME PACKAGE"...: install the packages of the libraries that are not there.
need_libraries() {
    purpose=$1
    shift
    needed=""
    for row in "$@"; do
        has_library "${row% *}" || needed="$needed ${row#* }"
    done
    # shellcheck disable=SC2086 # one word a package
    [ -z "$needed" ] || want "$purpose" $needed || true
}

need_libraries "libraries that Qt draws with" \
    "libEGL.so.1 libegl1" "libGL.so.1 libgl1" "libxkbcommon.so.0 libxkbcommon0" "libdbus-1.so.3 libdbus-1-3" \
    "libfontconfig.so.1 libfontconfig1" "libglib-2.0.so.0 libglib2.0-0" "libgssapi_krb5.so.2 libgssapi-krb5-2"
[ -z "${DISPLAY:-}" ] || need_libraries "libraries for Qt windows under X" \
    "libX11-xcb.so.1 libx11-xcb1" "libxkbcommon-x11.so.0 libxkbcommon-x11-0" "libxcb-cursor.so.0 libxcb-cursor0" \
    "libxcb-icccm.so.4 libxcb-icccm4" "libxcb-image.so.0 libxcb-image0" "libxcb-keysyms.so.1 libxcb-keysyms1" \
    "libxcb-randr.so.0 libxcb-randr0" "libxcb-render-util.so.0 libxcb-render-util0" "libxcb-shape.so.0 libxcb-shape0" \
    "libxcb-sync.so.1 libxcb-sync1" "libxcb-xfixes.so.0 libxcb-xfixes0" "libxcb-xkb.so.1 libxcb-xkb1"
need_libraries "a library of Playwright, which drives the staff page in the demo and the tests" "libatomic.so.1 libatomic1"
has_library libzbar.so.0 || want "libzbar0, the second barcode reader; without it zxing-cpp reads alone" libzbar0 || true
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ]; then
    want "a font with Chinese" fontconfig fonts-noto-cjk || true
fi
[ -n "${SCANLANE_NO_BROWSER:-}" ] || command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    want "Chromium, to show and test the staff page" chromium || true

wanted=$(cat requirements.lock setup.cfg pyproject.toml | cksum)
if [ "$(cat "$VENV/.set-up" 2>/dev/null)" != "$wanted" ]; then
    if ! "$PYTHON" -m venv "$VENV" >/dev/null 2>&1; then
        rm -rf "$VENV"
        want "Python's venv module" python3-venv || exit 1
        "$PYTHON" -m venv "$VENV"
    fi
    say "installing the locked Python packages into $VENV (about 1 GB on disk, once)"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
    printf '%s\n' "$wanted" >"$VENV/.set-up"
fi
