define start_proxy
	docker run --rm -d --name proxy -p 5000:5000 alpine/socat tcp-listen:5000,reuseaddr,fork tcp:host.docker.internal:5000
endef

registry:
	$(call start_proxy)
	kubectl port-forward svc/registry 5000:80 &
