# A stack: one set of containers with ports, networks and secrets of its own.
# shellcheck shell=bash

. "$DOCKER_DIR/ports.env"

# Sets the stack's names, ports and addresses from docker/ports.env.
stack_settings() {
    local name about number offset
    STATE_DIR=$VAR/$stack
    COMPOSE_PROJECT_NAME=agent-bridge-$stack
    while read -r name about number offset; do
        if [ "$name" = "$stack" ]; then
            AMI_PORT=$((AMI_PORT_BASE + offset))
            CARRIER_AMI_PORT=$((CARRIER_AMI_PORT_BASE + offset))
            MQTT_PORT=$((MQTT_PORT_BASE + offset))
            POSTGRES_PORT=$((POSTGRES_PORT_BASE + offset))
            HTTP_PORT=$((HTTP_PORT_BASE + offset))
            WEBSOCKET_PORT=$((WEBSOCKET_PORT_BASE + offset))
            AGI_PORT=$((AGI_PORT_BASE + offset))
            NET_PREFIX=$NETWORK_BASE.$number
            return
        fi
    done <<< "$STACKS"
    fail "unknown stack $stack; docker/ports.env lists them"
}

# Runs compose with everything that the compose file reads.
stack_compose() {
    stack_settings
    [ -n "${ASTERISK_IMAGE:-}" ] || images_names
    mkdir -p "$STATE_DIR"
    export COMPOSE_PROJECT_NAME STATE_DIR NET_PREFIX CONF_HASH \
        AMI_PORT CARRIER_AMI_PORT MQTT_PORT POSTGRES_PORT HTTP_PORT WEBSOCKET_PORT AGI_PORT \
        ASTERISK_IMAGE BROKER_IMAGE DATABASE_IMAGE BRIDGE_IMAGE
    export COMPOSE_IGNORE_ORPHANS=1
    local files=(-f "$DOCKER_DIR/compose.yaml")
    [ "$stack" != freepbx ] || files+=(-f "$DOCKER_DIR/compose.freepbx.yaml")
    CONF_HASH=$(stack_conf_hash)
    "${COMPOSE[@]}" --project-directory "$DOCKER_DIR" "${files[@]}" "$@"
}

# Compose's own report is shown only if it fails.
stack_quietly() {
    local log
    log=$(mktemp)
    if ! stack_compose "$@" > "$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "compose $1 failed"
    fi
    rm -f "$log"
}

# Configuration is read when a container starts: another one makes other containers.
stack_conf_hash() {
    local conf=$ROOT/asterisk-conf
    [ "$stack" != freepbx ] || conf=$DOCKER_DIR/freepbx-like
    { images_files "$conf"; images_files "$DOCKER_DIR/carrier"; } | sha256sum | cut -c1-12
}

# The existing installation that the bridge is put beside: its files are laid out once, in a place
# where a test may change them as an administrator would, and stay as they are until the stack goes.
stack_freepbx() {
    local etc=$STATE_DIR/etc file hash
    hash=$(stack_conf_hash)
    [ "$(cat "$STATE_DIR/etc.hash" 2> /dev/null)" != "$hash" ] || return 0
    rm -rf "$etc"
    cp -R "$DOCKER_DIR/freepbx-like" "$etc"
    for file in pjsip.aor.conf pjsip.auth.conf pjsip.identify.conf manager.conf; do
        sed -i -e "s/carrier\.example/$NET_PREFIX.20/" -e "s/@PHONE_SECRET@/$PHONE_SECRET/" \
            -e "s/@ADMIN_SECRET@/$AMI_ADMIN_SECRET/" -e "s/@NETWORK@/$NET_PREFIX.0/" "$etc/$file"
    done
    echo "$hash" > "$STATE_DIR/etc.hash"
}

stack_up() {
    stack_settings
    stack_secrets
    [ "$stack" != freepbx ] || stack_freepbx
    stack_bridge_settings
    stack_write_env
    stack_quietly up -d --no-build "$@"
    local service
    for service in "$@"; do stack_wait "$service"; done
    stack_phones "$@"
    images_drop_old
    say "stack $stack is up (Asterisk $asterisk): AMI 127.0.0.1:$AMI_PORT, everything else: docker/engine env --stack $stack"
}

# Waits until a service answers; shows its log if it does not within 30 s.
stack_wait() {
    local container=$COMPOSE_PROJECT_NAME-${1/phones/carrier} tries=0
    until stack_ready "$1" "$container" > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -ge 150 ] || ! stack_runs "$container"; then
            docker logs --tail 30 "$container" >&2
            fail "$1 does not answer"
        fi
        sleep 0.2
    done
}

stack_runs() { [ "$(docker inspect -f '{{.State.Running}}' "$1" 2> /dev/null)" = true ]; }

stack_ready() {
    case $1 in
        asterisk) docker exec "$2" asterisk -rx 'core waitfullybooted' | grep -q 'fully booted' && stack_open "$AMI_PORT" ;;
        carrier) docker exec "$2" asterisk -rx 'core waitfullybooted' | grep -q 'fully booted' && stack_open "$CARRIER_AMI_PORT" ;;
        phones) stack_reached ;;
        broker) stack_open "$MQTT_PORT" ;;
        database) docker exec "$2" pg_isready -q -h 127.0.0.1 ;;
        bridge) [ "$(docker inspect -f '{{.State.Health.Status}}' "$2")" = healthy ] ;;
    esac
}

# All phones have registered, and the trunk answers: Asterisk dials nowhere that it could not reach the last
# time it asked, which may have been before the carrier was up, and it asks again only after half a minute.
# We ask in between, but not before the last question has failed, which takes 3 s: else that failure would
# come after the answer to ours, and count.
stack_reached() {
    local pbx=(docker exec "$COMPOSE_PROJECT_NAME-asterisk" asterisk -rx) contacts
    contacts=$("${pbx[@]}" 'pjsip show contacts')
    if ! grep -q ' carrier/sip:.* Avail ' <<< "$contacts"; then
        if [ $((SECONDS - stack_asked)) -ge 4 ]; then
            stack_asked=$SECONDS
            "${pbx[@]}" 'pjsip qualify carrier' > /dev/null
        fi
        return 1
    fi
    [ "$(grep -c '/sip:10[01][0-9]@' <<< "$contacts")" = 20 ]
}

stack_open() { (exec 3<> "/dev/tcp/127.0.0.1/$1"); }

# The phones register once a minute. An Asterisk that is newer than the carrier would wait for that long,
# so the carrier is started again; no call can be up between the two.
stack_phones() {
    [[ " $* " == *" asterisk "* && " $* " == *" carrier "* ]] || return 0
    local tries=0 stack_asked=$SECONDS
    until stack_ready phones; do
        tries=$((tries + 1))
        if [ $tries = 15 ]; then
            docker restart --time 1 "$COMPOSE_PROJECT_NAME-carrier" > /dev/null
            stack_wait carrier
            stack_wait phones
        fi
        sleep 0.2
    done
}

stack_down() {
    stack_settings
    stack_quietly down --volumes --timeout 3
    rm -rf "$STATE_DIR"
}

stack_status() {
    stack_settings
    docker ps --all --filter "name=^$COMPOSE_PROJECT_NAME-" --format 'table {{.Names}}\t{{.Status}}\t{{.Ports}}'
}

stack_exec() {
    stack_settings
    local container=$COMPOSE_PROJECT_NAME-$1
    shift
    docker exec "$container" "$@"
}

stack_clean() {
    local name rest
    while read -r name rest; do
        [ -n "$name" ] || continue
        stack=$name
        stack_down
    done <<< "$STACKS"
}

# Secrets are made at the first start and live under var/, which is never committed. The directory is
# closed to other users; the files in it are readable because the containers run as users of their own.
stack_secrets() {
    umask 022
    mkdir -p "$STATE_DIR"
    chmod 700 "$STATE_DIR"
    touch "$STATE_DIR/secrets.env"
    chmod 600 "$STATE_DIR/secrets.env"
    local name
    for name in AMI_SECRET AMI_VIEW_SECRET AMI_ADMIN_SECRET CARRIER_AMI_SECRET PHONE_SECRET MQTT_PASSWORD POSTGRES_PASSWORD RELAY_SECRET; do
        grep -q "^$name=" "$STATE_DIR/secrets.env" ||
            echo "$name=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')" >> "$STATE_DIR/secrets.env"
    done
    . "$STATE_DIR/secrets.env"
    mkdir -p "$STATE_DIR"/{asterisk,carrier,broker,database,bridge}
    local permit="permit = $NET_PREFIX.0/255.255.255.0
permit = 127.0.0.1/255.255.255.255"
    cat > "$STATE_DIR/asterisk/bridge_access.conf" <<CONF
[bridge-access](!)
secret = $AMI_SECRET
deny = 0.0.0.0/0.0.0.0
deny = ::/0
$permit

[bridge-view-access](!)
secret = $AMI_VIEW_SECRET
deny = 0.0.0.0/0.0.0.0
deny = ::/0
$permit
CONF
    # Debian 11's Asterisk cannot translate opus.
    [ "$asterisk" != 16 ] || sed 's/!all,opus,ulaw/!all,ulaw/' "$ROOT/asterisk-conf/pjsip_wizard.conf" \
        > "$STATE_DIR/asterisk/pjsip_wizard.conf"
    printf '[phone-secret](!)\ninbound_auth/password = %s\n' "$PHONE_SECRET" > "$STATE_DIR/asterisk/pjsip_secrets.conf"
    # A published port does not reach loopback.
    sed 's/^bindaddr = .*/bindaddr = 0.0.0.0/' "$ROOT/asterisk-conf/http.conf" > "$STATE_DIR/asterisk/http.conf"
    printf '[phone-secret](!)\npassword = %s\n' "$PHONE_SECRET" > "$STATE_DIR/carrier/pjsip_secrets.conf"
    printf '[carrier-access](!)\nsecret = %s\ndeny = 0.0.0.0/0.0.0.0\ndeny = ::/0\n%s\n' "$CARRIER_AMI_SECRET" "$permit" \
        > "$STATE_DIR/carrier/manager_secret.conf"
    printf '%s\n' "$RELAY_SECRET" > "$STATE_DIR/asterisk/relay.secret"
    printf 'bridge:%s\n' "$MQTT_PASSWORD" > "$STATE_DIR/broker/users"
    printf '%s\n' "$POSTGRES_PASSWORD" > "$STATE_DIR/database/password"
}

# The settings of the bridge that runs as a container of this stack.
stack_bridge_settings() {
    cat > "$STATE_DIR/bridge/bridge.toml" <<CONF
[http]
host = "0.0.0.0"
port = 8080
public_url = "http://127.0.0.1:$HTTP_PORT"

[[asterisk]]
host = "$NET_PREFIX.10"
user = "bridge"
secret = "$AMI_SECRET"
view_secret = "$AMI_VIEW_SECRET"
websocket_url = "ws://127.0.0.1:$WEBSOCKET_PORT/ws"

[agi]
host = "0.0.0.0"
port = 4574
secret = "$RELAY_SECRET"

[mqtt]
url = "mqtt://bridge:$MQTT_PASSWORD@$NET_PREFIX.30:1883"
CONF
}

# What a program on the host needs to use the stack.
stack_write_env() {
    local gateway
    gateway=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}' 2> /dev/null || :)
    cat > "$STATE_DIR/stack.env" <<CONF
STACK=$stack
ASTERISK_VERSION=$asterisk
ASTERISK_CONTAINER=$COMPOSE_PROJECT_NAME-asterisk
CARRIER_CONTAINER=$COMPOSE_PROJECT_NAME-carrier
BROKER_CONTAINER=$COMPOSE_PROJECT_NAME-broker
DATABASE_CONTAINER=$COMPOSE_PROJECT_NAME-database
BRIDGE_CONTAINER=$COMPOSE_PROJECT_NAME-bridge
HOST_GATEWAY=${gateway:-172.17.0.1}
AMI_HOST=127.0.0.1
AMI_PORT=$AMI_PORT
AMI_USER=bridge
AMI_SECRET=$AMI_SECRET
AMI_VIEW_USER=bridge-view
AMI_VIEW_SECRET=$AMI_VIEW_SECRET
RELAY_SECRET=$RELAY_SECRET
CARRIER_AMI_PORT=$CARRIER_AMI_PORT
CARRIER_AMI_USER=carrier
CARRIER_AMI_SECRET=$CARRIER_AMI_SECRET
MQTT_PORT=$MQTT_PORT
MQTT_USER=bridge
MQTT_PASSWORD=$MQTT_PASSWORD
POSTGRES_PORT=$POSTGRES_PORT
POSTGRES_USER=bridge
POSTGRES_PASSWORD=$POSTGRES_PASSWORD
POSTGRES_URL=postgresql+asyncpg://bridge:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/postgres
HTTP_PORT=$HTTP_PORT
WEBSOCKET_URL=ws://127.0.0.1:$WEBSOCKET_PORT/ws
PHONE_SECRET=$PHONE_SECRET
AGI_PORT=$AGI_PORT
CONF
    [ "$stack" != freepbx ] || cat >> "$STATE_DIR/stack.env" <<CONF
ASTERISK_ETC=$STATE_DIR/etc
AMI_ADMIN_USER=admin
AMI_ADMIN_SECRET=$AMI_ADMIN_SECRET
CONF
    chmod 600 "$STATE_DIR/stack.env"
}

stack_env() {
    stack_settings
    [ -f "$STATE_DIR/stack.env" ] || fail "stack $stack was not started yet: docker/engine up --stack $stack"
    cat "$STATE_DIR/stack.env"
}
