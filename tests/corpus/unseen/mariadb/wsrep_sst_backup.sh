#!/usr/bin/env bash
set -ue
encrypt=${1:-0}
SST_PORT=4444
tcert=/etc/mysql/server-cert.pem
tkey=/etc/mysql/server-key.pem
tcap=/etc/mysql/ca.pem

get_transfer()
{
    if [ "$tfmt" = 'nc' ]; then
        wsrep_log_info "Using netcat as streamer"
        tcmd="nc -dl $SST_PORT"
    else
        tfmt='socat'
        wsrep_log_info "Using socat as streamer"
        if [ -z "$(commandex socat)" ]; then
            wsrep_log_error "socat not found in path"
            exit 2
        fi
        action='Decrypting'
        if [ $encrypt -eq 2 ]; then
            tcmd="socat -u openssl-listen:$SST_PORT,reuseaddr,cert='$tcert',cafile='$tcap' stdio"
        elif [ $encrypt -eq 3 ]; then
            tcmd="socat -u openssl-listen:$SST_PORT,reuseaddr,cert='$tcert',key='$tkey',verify=0 stdio"
        else
            tcmd="socat -u TCP-LISTEN:$SST_PORT,reuseaddr stdio"
        fi
    fi
}
get_transfer
eval "$tcmd | mbstream -x -C /var/lib/mysql"
