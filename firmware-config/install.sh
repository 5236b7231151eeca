#!/bin/sh
# Puts what was built in place, or removes it; `make install` and `make uninstall` call it.
#
# Reads DESTDIR, PREFIX, SYSCONFDIR and UDEVDIR. Configuration that somebody edited is never
# overwritten: the new one goes beside it, with the suffix .new.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'install: %s\n' "$1"; }
fail() { printf 'install: %s\n' "$1" >&2; exit 1; }

: "${DESTDIR:=}" "${PREFIX:=/usr/local}" "${SYSCONFDIR:=/etc}" "${UDEVDIR:=/usr/lib/udev/rules.d}"
bin=$DESTDIR$PREFIX/bin
lib=$DESTDIR$PREFIX/lib/lamella
share=$DESTDIR$PREFIX/share/lamella
man=$DESTDIR$PREFIX/share/man/man1
units=$DESTDIR$PREFIX/lib/systemd/system
sysusers=$DESTDIR$PREFIX/lib/sysusers.d
tmpfiles=$DESTDIR$PREFIX/lib/tmpfiles.d
udev=$DESTDIR$UDEVDIR
etc=$DESTDIR$SYSCONFDIR/lamella
bash=$DESTDIR$PREFIX/share/bash-completion/completions
zsh=$DESTDIR$PREFIX/share/zsh/site-functions
fish=$DESTDIR$PREFIX/share/fish/vendor_completions.d
built=.build/stripped/lamella
generated=.build/generated

put() { # mode, source, destination
    mkdir -p "$(dirname "$3")"
    install -m "$1" "$2" "$3"
}

# Configuration: put when absent; replaced when it is still the one that an earlier install put.
put_configuration() { # source, destination
    mkdir -p "$(dirname "$2")"
    if [ ! -e "$2" ] || cmp -s "$2" "$2.shipped"; then
        install -m 0644 "$1" "$2"
        rm -f "$2.new"
    elif ! cmp -s "$1" "$2"; then
        install -m 0644 "$1" "$2.new"
        say "$2 was edited and stays; the new one is $2.new"
    fi
    install -m 0644 "$1" "$2.shipped"
}

remove_configuration() { # destination
    if [ -e "$1" ] && cmp -s "$1" "$1.shipped"; then
        rm -f "$1"
    elif [ -e "$1" ]; then
        say "$1 was edited and stays"
    fi
    rm -f "$1.shipped" "$1.new"
}

on_this_system() { [ -z "$DESTDIR" ] && [ -d /run/systemd/system ] && [ "$(id -u)" -eq 0 ]; }

install_all() {
    [ -x "$built" ] || fail "there is no $built; run 'make build' first"
    [ -d "$generated/man1" ] || fail "there are no man pages; run 'make man' first"
    [ -s .native/lib/stamp ] || fail "there are no native libraries in .native/lib; run 'make setup' first"

    put 0755 "$built" "$bin/lamella"
    for library in .native/lib/*.so.*; do
        put 0755 "$library" "$lib/$(basename "$library")"
    done
    for page in "$generated"/man1/*.1; do
        put 0644 "$page" "$man/$(basename "$page")"
    done
    put 0644 "$generated/completions/lamella.bash" "$bash/lamella"
    put 0644 "$generated/completions/lamella.zsh" "$zsh/_lamella"
    put 0644 "$generated/completions/lamella.fish" "$fish/lamella.fish"
    for file in Tests/Fixtures/digits/*; do
        [ -f "$file" ] && put 0644 "$file" "$share/digits/$(basename "$file")"
    done
    put 0644 firmware-config/demo.toml "$share/demo.toml"
    for file in firmware-config/boards/*.toml; do
        put 0644 "$file" "$share/boards/$(basename "$file")"
    done
    mkdir -p "$units"
    for unit in lamella.service lamella-carbon.service; do
        sed "s|/usr/local/bin/|$PREFIX/bin/|; s|/etc/lamella|$SYSCONFDIR/lamella|" "systemd/$unit" >"$units/$unit"
        chmod 0644 "$units/$unit"
    done
    put 0644 firmware-config/sysusers/lamella.conf "$sysusers/lamella.conf"
    put 0644 firmware-config/tmpfiles/lamella.conf "$tmpfiles/lamella.conf"
    put 0644 firmware-config/udev/90-lamella-frequency.rules "$udev/90-lamella-frequency.rules"
    put_configuration firmware-config/agent.toml "$etc/agent.toml"
    put_configuration firmware-config/carbon.conf "$etc/carbon.conf"
    put_configuration firmware-config/mosquitto/lamella.conf "$etc/mosquitto/lamella.conf"

    if on_this_system; then
        systemd-sysusers "$sysusers/lamella.conf"
        systemd-tmpfiles --create "$tmpfiles/lamella.conf" || say "no frequency files were changed"
        udevadm control --reload || say "udev was not reloaded"
        systemctl daemon-reload
        say "edit $etc/agent.toml, then: systemctl enable --now lamella"
    fi
    say "installed below $DESTDIR$PREFIX and $etc"
}

uninstall_all() {
    if on_this_system; then
        systemctl disable --now lamella.service lamella-carbon.service 2>/dev/null || true
    fi
    rm -f "$bin/lamella" "$units/lamella.service" "$units/lamella-carbon.service"
    rm -f "$sysusers/lamella.conf" "$tmpfiles/lamella.conf"
    rm -f "$udev/90-lamella-frequency.rules" "$bash/lamella" "$zsh/_lamella" "$fish/lamella.fish"
    rm -f "$man"/lamella.1 "$man"/lamella-*.1
    rm -rf "$lib" "$share"
    remove_configuration "$etc/agent.toml"
    remove_configuration "$etc/carbon.conf"
    remove_configuration "$etc/mosquitto/lamella.conf"
    rmdir "$etc/mosquitto" "$etc" 2>/dev/null || true
    if on_this_system; then
        systemctl daemon-reload
    fi
    say "removed; the state in /var/lib/lamella and the user lamella stay"
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) fail "usage: $0 install | uninstall" ;;
esac
