#!/usr/bin/env bash
# Runs k8s-trace check for action.yml: annotations on standard output, a summary of the step, and the reports that were asked for.
set -uo pipefail

args=(check -o github -o "markdown=$GITHUB_STEP_SUMMARY" --fail-on "${INPUT_FAIL_ON:-error}" --undetermined "${INPUT_UNDETERMINED:-fail}")
while IFS= read -r file; do
  [ -z "$file" ] || args+=("--filename=$file")
done < <(printf '%s\n' "${INPUT_FILES:-}" | tr -d '\r')
[ "${INPUT_RECURSIVE:-false}" != true ] || args+=(-R)
[ -z "${INPUT_NAMESPACE:-}" ] || args+=("--namespace=$INPUT_NAMESPACE")
[ -z "${INPUT_SARIF:-}" ] || args+=(-o "sarif=$INPUT_SARIF")
[ -z "${INPUT_JUNIT:-}" ] || args+=(-o "junit=$INPUT_JUNIT")
while IFS= read -r arg; do
  [ -z "$arg" ] || args+=("$arg")
done < <(printf '%s\n' "${INPUT_ARGS:-}" | tr -d '\r')

k8s-trace "${args[@]}"
status=$?
echo "status=$status" >>"$GITHUB_OUTPUT"
# What is wrong with the input is annotated where it is; an error of the arguments is in no file.
case $status in 0 | 1 | 3) ;; *) echo "::error title=k8s-trace::no answer (exit status $status): the log says why" ;; esac
exit "$status"
