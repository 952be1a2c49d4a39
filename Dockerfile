# Every image docker-compose.yml builds, by target: submilli (exporters and toolkit), etcd, patroni (PostgreSQL with
# psql and pgbench), pgbouncer, grafana (with the app). The cluster comes from the same Debian packages `npm start` runs
# and our tests break.
# No image holds a secret or a configuration: both are mounted.

FROM node:24.19.0-bookworm-slim AS build
WORKDIR /app
# First what npm needs to know, so that a change of code doesn't install everything again.
COPY package.json package-lock.json .npmrc ./
COPY alert-rules/package.json alert-rules/
COPY catalogue/package.json catalogue/
COPY dashboards/package.json dashboards/
COPY exporters/core/package.json exporters/core/
COPY exporters/database/package.json exporters/database/
COPY exporters/pool/package.json exporters/pool/
COPY exporters/query/package.json exporters/query/
COPY exporters/ha/package.json exporters/ha/
COPY local-postgres/package.json local-postgres/
COPY toolkit/package.json toolkit/
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY catalogue catalogue
COPY exporters exporters
COPY local-postgres local-postgres
COPY toolkit toolkit
RUN node node_modules/typescript/bin/tsc -b toolkit \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf catalogue/src exporters/*/src local-postgres/src toolkit/src

FROM node:24.19.0-bookworm-slim AS submilli
ENV NODE_ENV=production
# A fixed number, the same as in the pgbouncer image: the two share a volume.
RUN groupadd --gid 10001 submilli \
  && useradd --uid 10001 --gid submilli --no-create-home --shell /usr/sbin/nologin submilli \
  && install -d -o submilli -g submilli -m 0750 /var/lib/pool /var/lib/submilli
WORKDIR /app
COPY LICENSE package.json ./
COPY cluster cluster
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/catalogue catalogue
COPY --from=build /app/exporters exporters
COPY --from=build /app/local-postgres local-postgres
COPY --from=build /app/toolkit toolkit
USER 10001:10001
EXPOSE 9091 9092 9093 9094
ENTRYPOINT ["node", "toolkit/bin/submilli.js"]
CMD ["serve", "--config", "/etc/submilli/submilli.yml"]

FROM debian:bookworm-20260824-slim AS debian
ENV LANG=C.UTF-8
RUN groupadd --gid 10001 submilli \
  && useradd --uid 10001 --gid submilli --no-create-home --shell /usr/sbin/nologin submilli

FROM debian AS etcd
# Debian keeps only the newest build of a version, with its security fixes: a pin to one would soon not install.
RUN apt-get update \
  && apt-get install -y --no-install-recommends etcd-client etcd-server \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o submilli -g submilli -m 0700 /var/lib/etcd
USER 10001:10001
EXPOSE 2379
ENTRYPOINT ["etcd"]
CMD ["--config-file", "/etc/etcd/etcd.yml"]

FROM debian AS patroni
# The account comes first, with a number that never changes: it owns the data. And no cluster "main" is made.
RUN groupadd --gid 999 postgres \
  && useradd --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/sh postgres \
  && install -d /etc/postgresql-common/createcluster.d \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/submilli.conf \
  && apt-get update \
  && apt-get install -y --no-install-recommends patroni postgresql-15 python3-etcd \
  && rm -rf /var/lib/apt/lists/* /var/lib/postgresql \
  && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
COPY cluster/docker/patroni.sh cluster/docker/seed.sh cluster/docker/workload.sh /usr/local/bin/
COPY cluster/docker/scram.py cluster/patroni/lossless.py /usr/local/lib/submilli/
USER 999:999
EXPOSE 5432 8008
CMD ["patroni.sh"]

FROM debian AS pgbouncer
RUN apt-get update \
  && apt-get install -y --no-install-recommends pgbouncer postgresql-client \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o submilli -g submilli -m 0750 /var/lib/pool
COPY cluster/docker/pgbouncer.sh /usr/local/bin/
USER 10001:10001
EXPOSE 6432
CMD ["pgbouncer.sh"]

FROM node:24.19.0-bookworm-slim AS plugin
WORKDIR /app/grafana-plugin
COPY grafana-plugin/package.json grafana-plugin/package-lock.json grafana-plugin/.npmrc ./
RUN npm ci --no-audit --no-fund
WORKDIR /app
COPY LICENSE ./
# What the app shares with the exporters: the types of their answers, and the thresholds.
COPY catalogue/src/thresholds.ts catalogue/src/
COPY exporters/core/src/api exporters/core/src/api
COPY grafana-plugin grafana-plugin
WORKDIR /app/grafana-plugin
RUN npm run build

FROM docker.io/grafana/grafana:12.4.5 AS grafana
# Not below /var/lib/grafana: what is in a volume stays as the first image had it.
COPY --from=plugin /app/grafana-plugin/dist /usr/share/submilli/plugins/submilli-postgresql-app
# Grafana's own user; its files belong to group 0.
USER 472:0
EXPOSE 3000
