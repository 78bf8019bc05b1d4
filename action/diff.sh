#!/usr/bin/env bash
# Runs k8s-trace diff for action/diff/action.yml: annotations on standard output, a summary of the step, and a comment on the pull request.
set -uo pipefail

after="${INPUT_AFTER:-.}"
before="${INPUT_BEFORE:-}"
if [ -z "$before" ]; then
  if [ -z "${BASE:-}" ]; then
    echo '::error title=k8s-trace diff::before: what is it compared with? Only a pull request has a base'
    exit 2
  fi
  # A checkout has the newest commit only.
  git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --no-tags --depth=1 origin "$BASE" || exit 2
  before="git:${BASE:0:12}:$after"
fi

report="$(mktemp)"
trap 'rm -f "$report"' EXIT
args=(diff -o github -o "markdown=$report")
[ "${INPUT_RECURSIVE:-false}" != true ] || args+=(-R)
fail_on="${INPUT_FAIL_ON:-never}"
[ "$fail_on" = never ] || args+=("--fail-on=$fail_on")
while IFS= read -r arg; do
  [ -z "$arg" ] || args+=("$arg")
done < <(printf '%s\n' "${INPUT_ARGS:-}" | tr -d '\r')

k8s-trace "${args[@]}" -- "$before" "$after"
status=$?
echo "status=$status" >>"$GITHUB_OUTPUT"
cat "$report" >>"$GITHUB_STEP_SUMMARY"

# The comment of an earlier run is found by the line that it begins with.
comment() {
  local marker='<!-- k8s-trace diff -->' found
  found="$(GH_TOKEN="$INPUT_TOKEN" gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" \
    --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1)" || return 1
  if [ -n "$found" ]; then
    GH_TOKEN="$INPUT_TOKEN" gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" -F "body=@$report"
  elif [ "$status" -ne 0 ]; then
    GH_TOKEN="$INPUT_TOKEN" gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" -F "body=@$report"
  fi
}
# A pull request from a fork has a token that may not write: the summary has it all.
if [ -n "${INPUT_TOKEN:-}" ] && [ -n "${NUMBER:-}" ] && [ -s "$report" ]; then
  comment || echo '::warning title=k8s-trace diff::no comment could be written; it takes the permission pull-requests: write'
fi

case $status in 0 | 1) ;; *) echo "::error title=k8s-trace diff::no answer (exit status $status): the log says why" && exit "$status" ;; esac
[ "$fail_on" != never ] || exit 0
exit "$status"
