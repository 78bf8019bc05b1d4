# The program and what it needs, for a Job on a cluster (docs/scale.md): docker build -t k8s-trace .
FROM node:20-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node build/build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:20-slim
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY --from=build /src/docs docs
RUN ln -s /app/dist/k8s-trace.cjs /usr/local/bin/k8s-trace
# The image's own user, by its number: Kubernetes' runAsNonRoot cannot look names up.
USER 1000
# A container's first run is its last.
ENV K8S_TRACE_NO_CACHE=1
WORKDIR /work
ENTRYPOINT ["k8s-trace"]
