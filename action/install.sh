#!/usr/bin/env bash
# Installs k8s-trace for action.yml, apart from the workflow's own packages, and puts it on the path of the steps that follow.
set -euo pipefail

command -v npm >/dev/null || { echo '::error::k8s-trace needs Node 20.12 or later: run actions/setup-node before'; exit 2; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 12) ? 0 : 1)' ||
  { echo "::error::k8s-trace needs Node 20.12 or later, this is $(node --version): run actions/setup-node before"; exit 2; }

prefix="${RUNNER_TEMP:-$(mktemp -d)}/k8s-trace"
mkdir -p "$prefix"
if [ -n "${INPUT_VERSION:-}" ]; then
  # A version or a range, not one of npm's other ways to name a package: those fetch from anywhere.
  [[ $INPUT_VERSION =~ ^[0-9A-Za-z.^~+-]+$ ]] || { echo '::error::version: expected a version, as 0.1.0'; exit 2; }
  npm install --silent --no-audit --no-fund --prefix "$prefix" "k8s-trace@$INPUT_VERSION"
else
  # A copy: the action's own folder is shared by all jobs of a runner.
  cp -R "$GITHUB_ACTION_PATH/." "$prefix/source"
  (cd "$prefix/source" && npm ci --silent --no-audit --no-fund && npm pack --silent --pack-destination "$prefix" >/dev/null)
  npm install --silent --no-audit --no-fund --prefix "$prefix" "$prefix"/k8s-trace-*.tgz
fi
echo "$prefix/node_modules/.bin" >>"$GITHUB_PATH"
"$prefix/node_modules/.bin/k8s-trace" --version
