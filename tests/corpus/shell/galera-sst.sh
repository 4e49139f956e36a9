#!/bin/bash
# receiver and sender of a state transfer
tport=4444
tcert=/etc/mysql/sst.pem
if [[ $WSREP_SST_OPT_ROLE == joiner ]]; then
    if [[ $encrypt -eq 0 ]]; then
        tcmd="socat -u TCP-LISTEN:${tport},reuseaddr${joiner_extra} stdio"
        eval "socat -u TCP-LISTEN:${tport},reuseaddr stdio" | xbstream -x
    else
        socat -u openssl-listen:${tport},reuseaddr,cert=${tcert},verify=0 stdio | xbstream -x
    fi
else
    xtrabackup --backup --stream=xbstream | socat -u stdio openssl-connect:${REMOTE_IP}:${tport},cert=${tcert},verify=0
    mbstream -c data.xb | socat -u stdio TCP:${REMOTE_IP}:${tport}
fi
