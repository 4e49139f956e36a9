#!/usr/bin/env bash
set -e
SOCKET=/var/run/docker-host.sock
TARGET=/var/run/docker.sock
USERNAME=${USERNAME:-vscode}
SOCAT_PATH_BASE=/tmp/vscr-docker-from-docker
SOCAT_LOG=${SOCAT_PATH_BASE}.log
SOCAT_PID=${SOCAT_PATH_BASE}.pid

sudoIf() {
    if [ "$(id -u)" -ne 0 ]; then
        sudo "$@"
    else
        "$@"
    fi
}

log() {
    echo -e "[$(date)] $@" | sudoIf tee -a ${SOCAT_LOG} > /dev/null
}

if [ "${ENABLE_NONROOT_DOCKER}" = "true" ] && [ "${SOCKET}" != "${TARGET}" ]; then
    if [ ! -f "${SOCAT_PID}" ] || ! ps -p $(cat ${SOCAT_PID}) > /dev/null; then
        log "Enabling socket proxy."
        log "Proxying ${SOCKET} to ${TARGET} for vscode"
        sudoIf rm -rf ${TARGET}
        (sudoIf socat UNIX-LISTEN:${TARGET},fork,mode=660,user=${USERNAME} UNIX-CONNECT:${SOCKET} 2>&1 | sudoIf tee -a ${SOCAT_LOG} > /dev/null & echo "$!" | sudoIf tee ${SOCAT_PID} > /dev/null)
        log "Forwarding done, socat is running."
    fi
fi
exec "$@"
