#!/usr/bin/env bash
# The hooks of .pre-commit-hooks.yaml. They build k8s-trace in pre-commit's clone when they first run. pre-commit's own way for Node
# (`language: node`) is `npm install -g git+…`, whose preparation of a package that has to be built takes over -g and fails.
set -euo pipefail
home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [ ! -e "$home/dist/k8s-trace.cjs" ]; then
  (cd "$home" && npm ci --silent --no-audit --no-fund >&2)
fi
exec node "$home/dist/k8s-trace.cjs" "$@"
