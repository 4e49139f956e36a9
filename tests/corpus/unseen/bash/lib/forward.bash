# shellcheck shell=bash
# library: forward_port <local> <remote-host> <remote-port> [bind]
forward_port() {
    local lport="$1" rhost="$2" rport="$3" bind="${4:-127.0.0.1}"
    local -a cmd=(socat -lf /var/log/fwd.log)
    cmd+=("TCP-LISTEN:${lport},bind=${bind},fork,reuseaddr")
    cmd+=("TCP:${rhost}:${rport}")
    "${cmd[@]}" &
    FORWARD_PIDS+=($!)
}

forward_port 8080 web.internal 80
forward_port 5432 db.internal 5432 0.0.0.0
