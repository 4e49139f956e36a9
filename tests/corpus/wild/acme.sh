#!/usr/bin/env sh
_startserver() {
  content="$1"
  ncaddr="$2"
  Le_HTTPPort=${Le_HTTPPort:-80}
  _content_len="$(printf "%s" "$content" | wc -c)"
  if [ "$ncaddr" ]; then
    SOCAT_OPTIONS="TCP-LISTEN:$Le_HTTPPort,crlf,reuseaddr,fork,bind=${ncaddr}"
  else
    SOCAT_OPTIONS="TCP-LISTEN:$Le_HTTPPort,crlf,reuseaddr,fork"
  fi
  _NC="socat"; socat $SOCAT_OPTIONS SYSTEM:"sleep 1; echo 'HTTP/1.0 200 OK'; echo ; printf '%s' '$content';" &
  serverproc="$!"
}
