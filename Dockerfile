# The demo server in a small image, as a user without rights.
#   docker build -t weir-demo . && docker run --rm -p 8080:8080 weir-demo
# (buildah and podman need --format docker, or they leave the health check out.)
ARG BASE=debian:12
ARG RUNTIME=debian:12-slim

FROM ${BASE} AS builder
WORKDIR /src
COPY cmake/install-packages.sh cmake/
RUN bash cmake/install-packages.sh build examples
COPY . .
RUN cmake --preset release -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_BENCHMARKS=OFF -DWEIR_INSTALL=OFF \
 && cmake --build --preset release --target demo

FROM ${RUNTIME}
COPY cmake/install-packages.sh /tmp/
RUN bash /tmp/install-packages.sh run && rm -rf /tmp/install-packages.sh /var/lib/apt/lists/*
COPY --from=builder /src/build/release/examples/demo /opt/weir/demo
COPY --from=builder /src/build/release/examples/public /opt/weir/public
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s --retries=3 CMD ["/opt/weir/demo", "--health-check"]
ENTRYPOINT ["/opt/weir/demo", "--host", "0.0.0.0", "--port", "8080"]
