if [[ $encrypt -eq 4 ]]; then
    wsrep_log_debug "**** Using openssl based encryption with socat"
    verify_file_exists "$ssl_ca" "CA, certificate, and key files are required."
    stagemsg+="-OpenSSL-Encrypted-4"
    if [[ "$WSREP_SST_OPT_ROLE" == "joiner" ]]; then
        tcmd="socat -u openssl-listen:${SST_PORT},reuseaddr,cert=${ssl_cert},key=${ssl_key},cafile=${ssl_ca},verify=1,retry=30${sockopt} stdio"
    else
        tcmd="socat -u stdio openssl-connect:${REMOTEIP}:${SST_PORT},cert=${ssl_cert},key=${ssl_key},cafile=${ssl_ca},verify=1${commonname_opt},retry=30${sockopt}"
    fi
fi
eval "$tcmd" < /dev/null
