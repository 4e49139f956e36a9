#!/usr/bin/with-contenv bashio
# ==============================================================================
# Start the serial bridge
# ==============================================================================
set -e

DEVICE=$(bashio::config 'device')
PORT=$(bashio::config 'port')
BAUD=$(bashio::config 'baudrate')

if ! bashio::fs.file_exists "${DEVICE}"; then
    bashio::exit.nok "No such device ${DEVICE}; is socat able to see it?"
fi

bashio::log.info "Starting socat on port ${PORT}..."
exec socat -d -d \
    TCP-LISTEN:"${PORT}",fork,reuseaddr \
    FILE:"${DEVICE}",b"${BAUD}",raw,echo=0
