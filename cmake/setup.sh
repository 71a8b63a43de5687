#!/bin/sh
# setup.sh - from a clean clone to a running program: installs what is missing, builds, and then does what it is asked.
set -eu

usage() {
    cat <<'END'
usage: sh cmake/setup.sh demo|test|build|package|deps

  demo   build, then run every type of job through the embedded platform; more words go to `svi-worker demo`
  test   build, then run all tests; more words go to ctest
  build  only build: the program is build/release/host/svi-worker
  package
         build, then make a Debian package of it, with the service
  deps   only install what is missing; more words are more packages
END
}

# What the build and the tests need, as Debian calls it.
packages='
    gcc libc6-dev cmake ninja-build pkgconf
    ocl-icd-opencl-dev pocl-opencl-icd libclfft-dev
    libcurl4-openssl-dev ca-certificates libssl-dev libjansson-dev libsqlite3-dev libmicrohttpd-dev
    libhiredis-dev librabbitmq-dev
    libhdf5-dev libarchive-dev
    libstb-dev libisal-dev fonts-dejavu-core
    libcmocka-dev libdeflate-dev'

# The same, as everyone else calls it.
name_upstream() {
    cat >&2 <<'END'
setup.sh installs packages on Debian and its kin only. Elsewhere, see to it that these are there:
  build      a C17 compiler, CMake 3.23 or newer, Ninja, pkg-config (or pkgconf)
  OpenCL     the ICD loader with its headers, a driver (PoCL will do: it computes on the CPU), clFFT
  libraries  libcurl, OpenSSL, jansson, SQLite 3, libmicrohttpd, ISA-L, HDF5, libarchive, hiredis, librabbitmq, with their headers
  headers    stb (stb_truetype.h, stb_image_write.h, for tests stb_image.h)
  font       DejaVu Sans (DejaVuSans.ttf)
  tests      cmocka, libdeflate
Now trying to build; CMake says what it does not find.
END
}

say() {
    printf 'setup: %s\n' "$*" >&2
}

give_up() {
    say "$*"
    exit 1
}

# quietly COMMAND...: shows what the command prints only where it fails.
quietly() {
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    cat "$log" >&2
    rm -f "$log"
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# --no-remove: a package that is in the way is the owner's decision.
apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends --no-remove "$@"
}

missing_of() {
    for package in "$@"; do
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=absent
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

install_missing() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        name_upstream
        return 0
    fi
    # The lists are split into words on purpose, here and below.
    # shellcheck disable=SC2086
    missing=$(missing_of $packages "$@")
    [ -n "$missing" ] || return 0
    say "installing $missing"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        give_up "this needs root: install the packages above as root, then run this again"
    fi
    # shellcheck disable=SC2086
    if apt_install $missing >/dev/null 2>&1; then
        return 0
    fi
    # Package lists may be absent (a fresh system) or out of date.
    quietly as_root apt-get update || give_up "apt-get update failed, see above"
    # shellcheck disable=SC2086
    quietly apt_install $missing || give_up "the packages cannot be installed, see above"
}

check_cmake() {
    command -v cmake >/dev/null || give_up "CMake 3.23 or newer is needed, and there is none"
    version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    major=${version% *}
    minor=${version#* }
    if [ "$major" -lt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -lt 23 ]; }; then
        give_up "CMake 3.23 or newer is needed, this is $major.$minor"
    fi
}

# A build folder keeps the paths of the tree and the compiler that it was made with. One that no longer fits is made anew.
configure() {
    if [ -e build/release/CMakeCache.txt ]; then
        cmake --preset release >/dev/null 2>&1 && return 0
        say "build/release does not fit this tree or compiler any more: making it anew"
        rm -rf build/release
    fi
    quietly cmake --preset release || give_up "CMake could not prepare the build, see above"
}

# The program starts itself again as its renderer, by /proc/self/exe.
check_proc() {
    [ -e /proc/self/exe ] || give_up "/proc is not mounted: mount -t proc proc /proc, then run this again"
}

build() {
    check_cmake
    [ -e build/release/CMakeCache.txt ] || say "building in build/release"
    configure
    quietly cmake --build --preset release || give_up "the build failed, see above"
}

[ $# -gt 0 ] || {
    usage >&2
    exit 2
}
task=$1
shift
here=$PWD
# Physical path: CMake remembers it, and a symbolic link to the tree must not look like another tree.
cd -P -- "$(dirname -- "$0")/.."

case $task in
deps)
    install_missing "$@"
    ;;
build)
    install_missing
    build
    say "built build/release/host/svi-worker"
    ;;
package)
    install_missing dpkg-dev file
    build
    rm -f build/release/*.deb
    (cd build/release && quietly cpack) || give_up "no package could be made, see above"
    for made in build/release/*.deb; do
        say "made $made"
    done
    ;;
test)
    check_proc
    install_missing
    build
    exec ctest --preset release "$@"
    ;;
demo)
    check_proc
    install_missing
    build
    program=$PWD/build/release/host/svi-worker
    cd -- "$here"
    exec "$program" demo "$@"
    ;;
help | -h | --help)
    usage
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
