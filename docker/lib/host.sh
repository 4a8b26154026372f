# The machine: the container engine, and what this host needs to reach the outside.
# shellcheck shell=bash

engine_ready() {
    command -v docker > /dev/null || host_install docker.io docker-compose debootstrap
    command -v docker > /dev/null || host_install docker-cli # a package of its own since Debian 13
    docker info > /dev/null 2>&1 || host_start_dockerd
    host_find_compose || host_install docker-compose
    host_find_compose || fail "neither 'docker compose' nor 'docker-compose' works here"
}

host_find_compose() {
    if docker compose version > /dev/null 2>&1; then COMPOSE=(docker compose)
    elif command -v docker-compose > /dev/null; then COMPOSE=(docker-compose)
    else return 1
    fi
}

# Installs Debian packages, or stops with the command that would.
host_install() {
    local install="apt-get install -y --no-install-recommends $*"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        fail "missing: $*. Install them and run this again, on Debian as root:
    apt-get update && $install"
    fi
    say "installing $* (apt-get)"
    apt-get -qq -o Acquire::Check-Valid-Until=false update >&2 || say "apt-get update failed, trying the lists at hand"
    local log
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! DEBIAN_FRONTEND=noninteractive $install > "$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "could not install $*"
    fi
    rm -f "$log"
}

host_start_dockerd() {
    if [ "$(id -u)" != 0 ]; then
        fail "the Docker daemon does not answer. Start it, and let this user reach it:
    sudo systemctl start docker && sudo usermod -aG docker $(id -un)"
    fi
    if [ -d /run/systemd/system ]; then
        say "starting docker (systemd)"
        systemctl start docker
    else
        command -v dockerd > /dev/null || host_install docker.io
        say "starting dockerd, log in $VAR/dockerd.log"
        mkdir -p "$VAR"
        setsid nohup dockerd > "$VAR/dockerd.log" 2>&1 < /dev/null &
    fi
    local tries=0
    until docker info > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || fail "the Docker daemon does not answer after 60 s: $(tail -n 3 "$VAR/dockerd.log" 2> /dev/null)"
        sleep 0.5
    done
}

# The files that carry this host's way to a mirror into the images: apt's proxy settings, additional
# certificate authorities. Written to directory $1, never to the repository.
host_files() {
    local into=$1 file
    mkdir -p "$into/etc/apt/apt.conf.d" "$into/etc/dpkg/dpkg.cfg.d" "$into/usr/local/sbin" "$into/usr/sbin"
    cp "$DOCKER_DIR/base/install-packages" "$into/usr/local/sbin/"
    cp "$DOCKER_DIR/base/small.dpkg" "$into/etc/dpkg/dpkg.cfg.d/90small"
    printf '#!/bin/sh\nexit 101\n' > "$into/usr/sbin/policy-rc.d"
    chmod +x "$into/usr/sbin/policy-rc.d"
    {
        echo 'Acquire::Languages "none";'
        echo 'Acquire::IndexTargets::deb::DEP-11 { DefaultEnabled "false"; };'
        if command -v apt-config > /dev/null; then
            apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date|ForceIPv4)[: ]' || :
        fi
    } > "$into/etc/apt/apt.conf.d/90host"
    for file in /usr/local/share/ca-certificates/*.crt; do
        [ -f "$file" ] || continue
        mkdir -p "$into/usr/local/share/ca-certificates"
        cp "$file" "$into/usr/local/share/ca-certificates/"
    done
}

# The host's whole bundle, for images that have no ca-certificates package yet. Not part of any hash:
# it changes with the host's updates.
host_bundle() {
    local bundle=/etc/ssl/certs/ca-certificates.crt
    [ -f "$bundle" ] || return 0
    mkdir -p "$1/etc/ssl/certs"
    cp "$bundle" "$1/etc/ssl/certs/ca-certificates.crt"
}

# The first of the mirrors that has suite $1.
host_mirror() {
    local mirror
    for mirror in ${DEBIAN_MIRROR:-} http://deb.debian.org/debian http://archive.debian.org/debian; do
        if host_get "$mirror/dists/$1/Release"; then
            echo "$mirror"
            return
        fi
    done
    fail "no mirror has $1: set DEBIAN_MIRROR to one that does"
}

host_get() {
    if command -v curl > /dev/null; then curl -fsS -o /dev/null --max-time 20 "$1" 2> /dev/null
    else wget -q -O /dev/null --timeout=20 --tries=1 "$1"
    fi
}
