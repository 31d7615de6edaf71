# The image of one service: docker build --build-arg SERVICE=auth-service --tag chat/auth-service .
#
# It contains Node, the compiled code of the service and of shared, and the packages that they need to run. All images have
# the packages and the build in common. The first argument of a container is a command of the service: `help` lists them. See README.md.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG SYSTEM_IMAGE=debian:bookworm-slim

# The names and versions of the packages, without any source: a change of source does not install packages again.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY shared/package.json shared/
COPY api-gateway/package.json api-gateway/
COPY auth-service/package.json auth-service/
COPY chat-service/package.json chat-service/
COPY presence-service/package.json presence-service/
COPY profile-service/package.json profile-service/
COPY notification-service/package.json notification-service/
COPY setup/package.json setup/
COPY testkit/package.json testkit/

# All packages, once for all images. None needs its install script: bcrypt contains compiled code for each platform, and that of
# sharp is in optional packages.
FROM packages AS all-packages
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

# All code, once for all images.
FROM all-packages AS build
COPY . .
RUN node scripts/run.mjs build

# What one service needs to run, in two layers: its packages, and its compiled code.
FROM all-packages AS runtime-packages
ARG SERVICE
COPY infra/image/select-packages.mjs /tmp/
RUN node /tmp/select-packages.mjs "${SERVICE}" \
    && npm prune --omit=dev --ignore-scripts --offline \
    # Nothing reads these at run time. Licences stay.
    && find . -path '*/node_modules/*' -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' \
        -o -name 'README*' -o -name 'CHANGELOG*' -o -name '*.tsbuildinfo' \) -delete \
    && find . -regextype posix-extended -type d \
        -regex '.*/node_modules/(@[^/]+/)?[^/@]+/(tests?|__tests__|docs?|examples?|bench|benchmarks?|\.github)' \
        -prune -exec rm -r {} + \
    && find . -path '*/node_modules/*' -type d -empty -delete \
    && rm -rf package-lock.json .npmrc \
    # The modes are those of the clone, which its umask may have closed to others.
    && find . \( -type f ! -perm -444 -o -type d ! -perm -555 \) -exec chmod a+rX {} +

FROM runtime-packages AS runtime-code
RUN --mount=from=build,source=/app,target=/built \
    for folder in $(node -p "require('./package.json').workspaces.join(' ')"); do \
      mkdir -p "/code/${folder}" && cp -R "/built/${folder}/dist" "/code/${folder}/dist"; \
      if [ -d "/built/${folder}/playground" ]; then cp -R "/built/${folder}/playground" "/code/${folder}/playground"; fi; \
    done \
    && find /code -type f \( -name '*.d.ts' -o -name '*.tsbuildinfo' \) -delete \
    && find /code \( -type f ! -perm -444 -o -type d ! -perm -555 \) -exec chmod a+rX {} +

FROM ${SYSTEM_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
ENV NODE_ENV=production HOST=0.0.0.0 FILES_DIR=/files
# Of the image of Node only the program, without npm and the headers for compilers. The libraries that it needs are those of apt.
COPY --from=packages /usr/local/bin/node /usr/local/bin/
COPY --from=runtime-packages /app /app
COPY --from=runtime-code /code /app
COPY --chmod=755 infra/image/health.sh /app/
# A new volume for files belongs to the account of the service, as this folder does.
RUN install -d -o 10001 -g 10001 -m 700 /files
WORKDIR /app/${SERVICE}
# Everything belongs to root, so the service cannot change its own code. It writes nothing but what is mounted.
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=2s --retries=3 CMD ["bash", "/app/health.sh"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
CMD ["start"]
