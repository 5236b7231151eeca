#!/bin/sh
# Installs the Debian or Ubuntu packages that Lamella needs, if any is missing.
#
#     system-packages.sh              what `make setup` needs: to build, to test and for the demo
#     system-packages.sh iperf3 ...   these packages
#
# Needs root or sudo only when something is missing.
set -eu

say() { printf 'setup: %s\n' "$1"; }
fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

installed() { dpkg-query -W -f '${db:Status-Abbrev}\n' "$1" 2>/dev/null | grep -q '^ii'; }

command -v dpkg-query >/dev/null ||
    fail "this is not Debian or Ubuntu; install mosquitto, libmosquitto, jansson, pkg-config, python3 and pip yourself"

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo

update_lists() { $as_root apt-get update --quiet >/dev/null; }

# Installs these packages; does nothing where there are none.
install_packages() {
    [ $# -gt 0 ] || return 0
    [ -z "$as_root" ] || command -v sudo >/dev/null ||
        fail "these packages are missing, and there is neither root nor sudo to install them: $*"
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # An old package list is good enough if it leads to packages that are still there.
    $as_root apt-get install --yes --quiet --no-install-recommends "$@" >/dev/null 2>&1 || {
        update_lists || fail "apt-get update failed; is the package server reachable?"
        $as_root apt-get install --yes --quiet --no-install-recommends "$@" >/dev/null ||
            fail "these packages could not be installed: $*"
    }
    say "installed $*"
}

missing=
if [ $# -gt 0 ]; then
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
else
    # The last four are for tests: a client that is not ours, and virtual boards.
    for package in mosquitto libmosquitto-dev libjansson-dev ca-certificates mosquitto-clients libfuse3-dev iproute2 \
        util-linux; do
        installed "$package" || missing="$missing $package"
    done
    # Opened at run time by the carbon feed, which a site needs once; newer releases call it libcurl4t64.
    if ! installed libcurl4 && ! installed libcurl4t64 && ! installed libcurl3-gnutls && ! installed libcurl3t64-gnutls
    then
        missing="$missing libcurl4"
    fi
    command -v pkg-config >/dev/null || missing="$missing pkg-config"
    # C++ headers, for the TOML parser; Debian and Ubuntu differ in the version.
    dpkg-query -W -f '${db:Status-Abbrev}\n' 'libstdc++-*-dev' 2>/dev/null | grep -q '^ii' || missing="$missing g++"
    # Any python3 will do; it only downloads and unpacks.
    if ! command -v python3 >/dev/null; then
        missing="$missing python3 python3-pip"
    elif ! python3 -m pip --version >/dev/null 2>&1; then
        missing="$missing python3-pip"
    fi
fi

# shellcheck disable=SC2086
install_packages $missing

# Opened at run time by `lamella estimator` and needed for nothing else; older releases do not have it.
if [ $# -eq 0 ] && ! installed libxgboost-dev; then
    # Without any package list apt knows nothing.
    ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || update_lists || true
    if apt-cache show libxgboost-dev >/dev/null 2>&1; then
        install_packages libxgboost-dev
    else
        say "apt does not know libxgboost-dev; \`lamella estimator train\` will not work here"
    fi
fi
say "system packages are in place"
