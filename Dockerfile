# syntax=docker/dockerfile:1
# One target for each image:
#   docker build --target manager    -t ghcr.io/ambassador-operator/manager:dev .
#   docker build --target ambassador -t ghcr.io/ambassador-operator/ambassador:dev .
# Compilation runs on the builder's own platform, whatever the image's is: add --platform=linux/arm64,linux/amd64.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY api/ api/
COPY cmd/ cmd/
COPY controllers/ controllers/
COPY proxy/ proxy/
ARG TARGETOS TARGETARCH VERSION=dev
ENV CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/ ./cmd/manager && \
    go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w -X main.version=$VERSION" -o /out/ ./cmd/ambassador

FROM gcr.io/distroless/static-debian12:nonroot AS base
USER 65532:65532

FROM base AS ambassador
COPY --from=build /out/ambassador /ambassador
ENTRYPOINT ["/ambassador"]

FROM base AS manager
COPY --from=build /out/manager /manager
ENTRYPOINT ["/manager"]
