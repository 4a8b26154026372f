# The images. Each is tagged with a hash of what goes into it, so that nothing is built twice.
# shellcheck shell=bash

PREFIX=agent-bridge
SUITE_22=sid
SUITE_16=bullseye

# Names the images of the chosen version and makes those that the given services need.
images_build() {
    images_names
    local service
    for service in "$@"; do
        case $service in
            asterisk | carrier) images_make asterisk "$ASTERISK_IMAGE" "$SUITE" ;;
            broker) images_make broker "$BROKER_IMAGE" "$SUITE_22" ;;
            database) images_make database "$DATABASE_IMAGE" "$SUITE_22" ;;
            bridge) images_make_bridge ;;
            *) fail "unknown service $service" ;;
        esac
    done
}

images_names() {
    local suite="SUITE_$asterisk"
    SUITE=${!suite}
    ASTERISK_IMAGE=$PREFIX-asterisk:$asterisk-$(images_hash asterisk "$SUITE")
    BROKER_IMAGE=$PREFIX-broker:$(images_hash broker "$SUITE_22")
    DATABASE_IMAGE=$PREFIX-database:$(images_hash database "$SUITE_22")
    BRIDGE_IMAGE=$PREFIX-bridge:$(images_bridge_hash)
}

# Twelve digits over the image's folder and the base below it.
images_hash() {
    { echo "$2"; images_files "$DOCKER_DIR/$1"; images_files "$DOCKER_DIR/base"; images_host_hash; } |
        sha256sum | cut -c1-12
}

images_files() {
    (cd "$1" && find . -type f ! -name '*.md' | LC_ALL=C sort | xargs -r sha256sum)
}

images_host_hash() {
    local files
    files=$(mktemp -d)
    host_files "$files"
    images_files "$files"
    rm -rf "$files"
}

# images_make FOLDER IMAGE SUITE
images_make() {
    ! images_have "$2" || return 0
    images_base "$3"
    say "building $2"
    images_docker_build "$2" "$DOCKER_DIR/$1" "BASE=$BASE_IMAGE"
}

images_have() { docker image inspect "$1" > /dev/null 2>&1; }

# images_docker_build IMAGE FOLDER BUILD-ARG [OPTION...]: the log is shown only if it fails, and what a
# failed build leaves is removed.
images_docker_build() {
    local log name image=$1 folder=$2 args=(--build-arg "$3" "${@:4}")
    log=$(mktemp)
    for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
        [ -z "${!name:-}" ] || args+=(--build-arg "$name=${!name}")
    done
    for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL; do
        case ${!name:-} in http*) args+=(--build-arg "$name=${!name}") ;; esac
    done
    if ! docker build --network host --force-rm "${args[@]}" -t "$image" "$folder" > "$log" 2>&1; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        images_prune
        fail "building $image failed"
    fi
    rm -f "$log"
}

# Earlier builds that have no name any more. The daemon does this once at a time, for all checkouts.
images_prune() {
    docker image prune --force --filter label=$PREFIX=image > /dev/null 2>&1 || say "earlier images are kept until the next time"
}

# Earlier builds of what was just named. One that a container still uses stays.
images_drop_old() {
    local image old
    for image in "$ASTERISK_IMAGE" "$BROKER_IMAGE" "$DATABASE_IMAGE" "$BRIDGE_IMAGE"; do
        for old in $(docker images --format '{{.Repository}}:{{.Tag}}' "${image%%:*}" | grep -F "${image%"${image##*[-:]}"}"); do
            [ "$old" = "$image" ] || docker rmi "$old" > /dev/null 2>&1 || :
        done
    done
}

# Sets BASE_IMAGE to a Debian of suite $1 with this host's settings, made if missing.
images_base() {
    local debian context
    BASE_IMAGE=$PREFIX-base:$1-$({ images_files "$DOCKER_DIR/base"; images_host_hash; } | sha256sum | cut -c1-12)
    ! images_have "$BASE_IMAGE" || return 0
    images_debian "$1"
    context=$(mktemp -d)
    host_files "$context"
    host_bundle "$context"
    echo "deb $(host_mirror "$1") $1 main" > "$context/etc/apt/sources.list"
    cp "$DOCKER_DIR/base/Dockerfile" "$context/"
    images_docker_build "$BASE_IMAGE" "$context" "FROM=$DEBIAN_IMAGE"
    rm -rf "$context"
}

# Sets DEBIAN_IMAGE to a bare Debian of suite $1: pulled where a registry answers, else made here.
images_debian() {
    local debian=debian:$1-slim
    DEBIAN_IMAGE=$debian
    ! images_have "$debian" || return 0
    DEBIAN_IMAGE=$PREFIX-debian:$1
    ! images_have "$DEBIAN_IMAGE" || return 0
    if timeout 60 docker pull -q "$debian" > /dev/null 2>&1; then
        DEBIAN_IMAGE=$debian
        return
    fi
    images_debootstrap "$1"
}

images_debootstrap() {
    if [ "$(id -u)" != 0 ]; then
        fail "no image registry answers, and only root can make a base image here. Once:
    sudo $DOCKER_DIR/engine build && sudo $DOCKER_DIR/engine build --asterisk 16"
    fi
    command -v debootstrap > /dev/null || host_install debootstrap
    local tree log mirror
    mirror=$(host_mirror "$1")
    tree=$(mktemp -d)
    log=$(mktemp)
    say "no registry answers; making Debian $1 with debootstrap (about half a minute)"
    if ! debootstrap --variant=minbase "$1" "$tree" "$mirror" > "$log" 2>&1; then
        tail -n 15 "$log" >&2
        rm -rf "$tree" "$log"
        fail "debootstrap $1 failed"
    fi
    rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* "$tree"/usr/share/{doc,man,info,locale}/*
    tar -C "$tree" --one-file-system -c . |
        docker import --change "LABEL $PREFIX=image" --change 'CMD ["bash"]' - "$DEBIAN_IMAGE" > /dev/null
    rm -rf "$tree" "$log"
}

# What the bridge's image is made from, beside its Dockerfile.
BRIDGE_SOURCES=(pyproject.toml README.md requirements/run.lock requirements/build.lock bridge agi_scripts asterisk-conf)

images_bridge_context() {
    local source
    cp "$DOCKER_DIR/bridge/Dockerfile" "$1/"
    for source in "${BRIDGE_SOURCES[@]}"; do
        [ -e "$ROOT/$source" ] || continue
        mkdir -p "$1/$(dirname "$source")"
        cp -R "$ROOT/$source" "$1/$source"
    done
    find "$1" -name __pycache__ -prune -exec rm -rf {} +
}

images_bridge_hash() {
    local context
    context=$(mktemp -d)
    images_bridge_context "$context"
    { images_files "$context"; images_files "$DOCKER_DIR/base"; images_host_hash; } | sha256sum | cut -c1-12
    rm -rf "$context"
}

images_make_bridge() {
    ! images_have "$BRIDGE_IMAGE" || return 0
    local context
    images_base "$SUITE_22"
    context=$(mktemp -d)
    images_bridge_context "$context"
    say "building $BRIDGE_IMAGE"
    # The dependencies by a name of their own, so that a changed source does not fetch them again.
    images_docker_build "$PREFIX-bridge-libraries" "$context" "BASE=$BASE_IMAGE" --target libraries
    images_docker_build "$BRIDGE_IMAGE" "$context" "BASE=$BASE_IMAGE"
    rm -rf "$context"
    images_prune
}

images_clean() {
    local image
    for image in $(docker images --format '{{.Repository}}:{{.Tag}}' "$PREFIX-*"); do
        docker rmi "$image" > /dev/null 2>&1 || say "kept $image, something still uses it"
    done
    images_prune
}
