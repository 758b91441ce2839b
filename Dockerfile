# Two stages: the toolchain builds, and the image holds the program and nothing that could run a
# shell. A static musl build would be smaller; glibc is what the tests run on.

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .

# What was fetched and compiled stays in the builder, so a change costs this crate and not 300. Cargo
# goes by the times of files, and those of two checkouts do not say which is newer: hence the `touch`.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    touch src/lib.rs src/main.rs \
    && cargo build --release --locked --bin tidings \
    && install -D --strip target/release/tidings /image/usr/local/bin/tidings
RUN mkdir --parents /image/etc/tidings /empty


FROM gcr.io/distroless/cc-debian12:nonroot

LABEL org.opencontainers.image.title="Tidings" \
      org.opencontainers.image.description="Receives the webhooks of Browser Use Cloud, keeps them, and delivers them to your own systems" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=build /image /
# A fresh volume takes over the owner of the folder that it covers.
COPY --from=build --chown=65532:65532 /empty /data

ENV TIDINGS_LISTEN=0.0.0.0:8080 \
    TIDINGS_STORE_URL=sqlite:/data/tidings.db \
    TIDINGS_LOG_FORMAT=json

# By number, so that Kubernetes' runAsNonRoot can see that it is not root.
USER 65532:65532
# Where relative paths lead: that of a file sink, and that of SQLite's temporary files.
WORKDIR /data
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/tidings", "health"]

ENTRYPOINT ["/usr/local/bin/tidings"]
CMD ["serve"]
