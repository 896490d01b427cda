# The commands of this project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# VERSION names the images that are built, loaded and installed.
VERSION ?= dev
REGISTRY ?= ghcr.io/ambassador-operator
# CLUSTER is where demo and end-to-end tests run: embedded (one made on this
# machine), current (the one of KUBECONFIG) or kind.
CLUSTER ?= embedded

STATE := $(CURDIR)/.cluster
BIN := $(CURDIR)/bin
# IMAGES matches the images that config names; build-installer puts REGISTRY and VERSION in.
IMAGES := ghcr.io/ambassador-operator/(manager|ambassador)
LDFLAGS := -s -w -X main.version=$(VERSION)
# The sidecar speaks HTTP/1.1 alone; without HTTP/2 in net/http, which serves its admin port, it is a third of a MB smaller.
BUILD_SIDECAR := CGO_ENABLED=0 go build -trimpath -tags nethttpomithttp2 -ldflags "$(LDFLAGS)" -o $(BIN)/ ./cmd/ambassador
GOTOOL := go tool -modfile=$(CURDIR)/test/tools/go.mod
CLUSTERCTL := $(STATE)/bin/cluster -state $(STATE) -provider $(CLUSTER) -version $(VERSION)
IN_CLUSTER = KUBECONFIG=$$($(CLUSTERCTL) kubeconfig) PATH=$(STATE)/bin:$$PATH STATE=$(STATE)
# Containers and their network are root's; nothing is compiled as root.
SUDO := $(if $(filter embedded,$(CLUSTER)),$(if $(filter 0,$(shell id -u)),,sudo))
export KUBEBUILDER_ASSETS := $(STATE)/envtest

##@ Everyday

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## Install the Debian packages that tests and the embedded cluster need, where missing
	@test/deps.sh

.PHONY: demo
demo: cluster-up ## Show the whole thing on a real Kubernetes, from nothing
	@$(IN_CLUSTER) test/demo/demo.sh

.PHONY: build
build: ## Build the operator, the sidecar and the kubectl plugin into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $(BIN)/ ./cmd/manager ./cmd/kubectl-ambassador
	$(BUILD_SIDECAR)

.PHONY: clean
clean: cluster-down ## Stop the cluster and remove everything that was built
	$(SUDO) rm -rf $(BIN) $(STATE) dist

##@ Change

.PHONY: generate
generate: ## Write the generated Go code of the API types
	$(GOTOOL) controller-gen object paths=./api/...

.PHONY: manifests
manifests: ## Write the CRD and the operator's RBAC
	$(GOTOOL) controller-gen crd:generateEmbeddedObjectMeta=true rbac:roleName=manager-role paths=./api/... paths=./controllers/... \
		output:crd:dir=config/crd/bases output:rbac:dir=config/rbac
	go -C test/tools run ./trimcrd $(CURDIR)/config/crd/bases/ambassador-operator.io_ambassadors.yaml

.PHONY: docs
docs: ## Write the API reference in docs/ from the types
	$(GOTOOL) crd-ref-docs --log-level=ERROR --config=docs/reference/config.yaml --templates-dir=docs/reference \
		--source-path=api/v1alpha1 --renderer=markdown --output-path=docs/reference.md

.PHONY: verify-generated
verify-generated: ## Fail where generated files are not what their sources make
	@test/tools/verify-generated.sh

.PHONY: fmt
fmt: ## Format all Go code
	gofmt -l -w api cmd controllers proxy test

.PHONY: lint
lint: verify-generated ## Run the linters over all code, and see that generated files are current
	$(GOTOOL) golangci-lint-kube-api-linter run --allow-serial-runners ./...
	cd test/cluster && CGO_ENABLED=0 $(GOTOOL) golangci-lint-kube-api-linter run --allow-serial-runners . ./internal/... ./pause

.PHONY: build-installer
build-installer: ## Write dist/install.yaml, everything that an installation applies
	mkdir -p dist
	$(GOTOOL) kustomize build config/default | sed -E 's#$(IMAGES):dev#$(REGISTRY)/\1:$(VERSION)#' > dist/install.yaml

##@ Test

.PHONY: test
test: test-unit test-envtest test-e2e $(if $(filter embedded,$(CLUSTER)),test-cluster) ## Run every test: unit, API server and real cluster

.PHONY: test-unit
test-unit: ## Run the tests that need nothing but this computer, with the race detector
	go test -race $$(go list ./... | grep -v -e /test/e2e -e /test/envtest)
	cd test/bench && go test -race ./internal/... ./cmd/bench

.PHONY: conformance
conformance: ## Run the public tests for HTTP caches against the sidecar and nginx, and write the table in docs/caching.md
	@test/deps.sh nginx-light
	@command -v npm >/dev/null || test/deps.sh nodejs npm # other packages of Node.js have npm within
	$(BUILD_SIDECAR)
	npm install --prefix test/conformance --no-audit --no-fund --loglevel=error
	go run ./test/conformance -sidecar $(BIN)/ambassador -into docs/caching.md

.PHONY: test-envtest
test-envtest: envtest-assets ## Run the suites that need an API server and etcd
	go test ./test/envtest/...

.PHONY: test-e2e
test-e2e: cluster-up ## Run the end-to-end suite on a real cluster
	$(IN_CLUSTER) go test ./test/e2e/... -count=1 -timeout 30m -v -ginkgo.v

.PHONY: test-cluster
test-cluster: deps $(STATE)/bin/cluster ## Test the embedded cluster itself: that it comes, goes and leaves no trace
	@$(CLUSTERCTL) build
	@$(CLUSTERCTL) images
	cd test/cluster && CGO_ENABLED=0 go test ./internal/build ./internal/image
	cd test/cluster && CGO_ENABLED=0 go test $(if $(filter 0,$(shell id -u)),,-exec=sudo) -count=1 -v ./internal/node

.PHONY: envtest-assets
envtest-assets: $(STATE)/bin/cluster ## Provide an API server, etcd and kubectl in .cluster/envtest
	@$(CLUSTERCTL) envtest

##@ Cluster

# Go knows by itself what has changed.
.PHONY: $(STATE)/bin/cluster
$(STATE)/bin/cluster:
	@mkdir -p $(STATE)/bin
	@cd test/cluster && CGO_ENABLED=0 go build -buildvcs=false -o $@ .

.PHONY: cluster-up
cluster-up: deps $(STATE)/bin/cluster build-installer ## Start the cluster and load this tree's images
	@$(CLUSTERCTL) build
	@$(SUDO) $(CLUSTERCTL) up
	@$(CLUSTERCTL) images
	@$(SUDO) $(CLUSTERCTL) load

.PHONY: cluster-down
cluster-down: $(STATE)/bin/cluster ## Stop the cluster without a trace
	@$(SUDO) $(CLUSTERCTL) down

##@ Measure

# BENCH holds further flags of the benchmark: BENCH='-bodies 64KiB -rounds 9', BENCH='-baseline OLD', BENCH=-h.
BENCH ?=

.PHONY: bench
bench: bench-deps bench-build ## Compare the sidecar with nginx, HAProxy, Caddy and ReverseProxy
	cd test/bench && CGO_ENABLED=0 go build -trimpath -o $(BIN)/bench/ ./cmd/caddy
	$(BIN)/bench/bench -sidecar $(BIN)/ambassador $(BENCH)

.PHONY: bench-quick
bench-quick: bench-deps bench-build ## The same for 1 KiB answers on 32 connections, in under 90 s
	$(BIN)/bench/bench -sidecar $(BIN)/ambassador -quick $(BENCH)

.PHONY: bench-cache
bench-cache: bench-deps bench-build ## Compare answers from the sidecar's cache with relayed ones and with those of nginx's proxy_cache
	$(BIN)/bench/bench -sidecar $(BIN)/ambassador -bodies 1KiB,64KiB -connections 32 -upstreams plain -memory-rounds 0 \
		-proxies ambassador,nginx,ambassador-cached,nginx-cached $(BENCH)

.PHONY: bench-deps
bench-deps:
	@test/deps.sh nginx-light haproxy

.PHONY: bench-build
bench-build:
	$(BUILD_SIDECAR)
	cd test/bench && CGO_ENABLED=0 go build -trimpath -o $(BIN)/bench/ ./cmd/bench ./cmd/reverseproxy

.PHONY: bench-operator
bench-operator: envtest-assets ## Measure the operator with 1,000 Ambassadors
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $(BIN)/ ./cmd/manager
	go run ./test/bench-operator -manager $(BIN)/manager $(BENCH)

# SOAK and CHAOS are how long these last; FUZZ how long each fuzz target runs.
SOAK ?= 20m
CHAOS ?= 10m
FUZZ ?= 10m

.PHONY: soak
soak: ## Load the sidecar at 80 % for 20 minutes with a rotation and a reload every second
	go run ./test/soak -for $(SOAK) -share 0.8

.PHONY: chaos
chaos: ## Run the sidecar between clients that leave and a service that fails at random, and see that nothing is lost or doubled
	go run ./test/chaos -for $(CHAOS)

.PHONY: fuzz
fuzz: ## Run every fuzz target for ten minutes, one after the other
	@for package in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$package/*_test.go | cut -c6-); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ) ./$$package; \
		done; \
	done
