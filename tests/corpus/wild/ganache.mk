proxy: ; socat TCP-LISTEN:8545,fork,reuseaddr TCP:127.0.0.1:8546
HOST ?= 0.0.0.0
up:
	nohup socat TCP-LISTEN:9000,bind=$(HOST),fork TCP:127.0.0.1:9001 >/dev/null & echo $$! > .pid
	cd infra && (socat TCP-LISTEN:6443,fork TCP:10.0.0.10:6443 &)
