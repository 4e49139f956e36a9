#!/usr/bin/env bats
load helpers
setup() {
  command -v socat || skip "socat not installed"
  socat TCP-LISTEN:"$PORT",bind=localhost,fork,reuseaddr EXEC:cat 3>&- &
  SOCAT=$!
}
@test "socat forwards" {
  run socat - TCP:localhost:$PORT <<< hello
  [ "$output" = hello ]
}
@test "tls" {
  socat OPENSSL-LISTEN:4433,cert=$BATS_TMPDIR/s.pem,cafile=$BATS_TMPDIR/ca.pem,reuseaddr EXEC:cat &
  run socat - OPENSSL:localhost:4433,verify=0
  assert_success
}
teardown() { kill $SOCAT; }
