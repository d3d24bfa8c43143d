# Two images: `manager` (the default) holds mp-manager; `worker` holds mp-manager as the relay of its container, and the
# programs of the example cluster, deploy/wordcount. deploy/README.md says how to run them.
#
#   docker build -t mp-manager .
#   docker build -t mp-manager --build-arg APT_MIRROR=http://mirror.example --network host .
#
# http_proxy, https_proxy and no_proxy are build arguments by themselves.

ARG BASE=debian:bookworm-slim

# ---- Where packages come from ---------------------------------------------------------------------------------------

FROM ${BASE} AS packages
# What has debian/ and debian-security/ below it; empty: where the base image looks.
ARG APT_MIRROR=
RUN if [ -n "$APT_MIRROR" ]; then \
      find /etc/apt/sources.list* -type f -exec \
        sed -E -i "s#https?://[^[:space:]]+/(debian(-security)?)/?([[:space:]]|\$)#${APT_MIRROR%/}/\1\3#" {} +; \
    fi
ENV DEBIAN_FRONTEND=noninteractive

# ---- Building -------------------------------------------------------------------------------------------------------

FROM packages AS build
WORKDIR /mp
COPY dev ./
RUN ./dev setup build

COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY protos protos
COPY server server
COPY client_lib client_lib
# How many compilers at once, at up to 2 GB of memory each; empty: one for each core.
ARG JOBS=
RUN cmake --preset release -DMP_BUILD_TESTS=OFF -DMP_BUILD_BENCH=OFF \
 && cmake --build build/release --parallel "${JOBS:-$(nproc)}" --target mp-manager mp_client

# By itself, so that a change of the programs builds them only.
COPY deploy deploy
RUN cmake --preset release \
 && cmake --build build/release --parallel "${JOBS:-$(nproc)}" --target wordcount \
 && install -D --strip --target-directory=/out build/release/bin/mp-manager build/release/deploy/wordcount-*

# ---- Running --------------------------------------------------------------------------------------------------------

FROM packages AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libabsl20220623 libfmt9 libgrpc++1.51 libprotobuf32 libspdlog1.10 \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10050 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mp
COPY --from=build /out/mp-manager /usr/local/bin/
# A library that is missing shows here, not in the cluster.
RUN mp-manager --version
# A number, so that those who demand a user other than root can see that it is one.
USER 10050:10050

FROM runtime AS worker
COPY --from=build /out/wordcount-coordinator /out/wordcount-worker /out/wordcount-viewer /usr/local/bin/
ENTRYPOINT ["wordcount-worker"]

FROM runtime AS manager
ENV MP_LISTEN=0.0.0.0:50051
EXPOSE 50051
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 \
  CMD ["sh", "-c", "exec mp-manager --check \"localhost:${MP_LISTEN##*:}\""]
ENTRYPOINT ["mp-manager"]
