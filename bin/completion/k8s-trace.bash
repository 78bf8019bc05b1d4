# bash completion for k8s-trace, from bash 3.2 on:  source <(k8s-trace completion bash)
#
# k8s-trace reads the line itself, because bash cuts words at : @ and =. What comes back are plain words; nothing of it is evaluated.

_k8s_trace() {
  local reply directive=0
  COMPREPLY=()
  while IFS= read -r reply; do
    case $reply in
      :[0-9]*) directive=${reply#:} ;;
      *) COMPREPLY+=("$reply") ;;
    esac
  done < <(command k8s-trace __complete-bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  # compopt came with bash 4; before, an unwanted space is all that is lost.
  if type compopt >/dev/null 2>&1; then
    if (((directive & 4) != 0)); then compopt +o default; fi
    if (((directive & 2) != 0)) || [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/:@=] ]]; then compopt -o nospace; fi
  fi
}

# Where k8s-trace has no candidates of its own, bash completes file names.
complete -o default -F _k8s_trace k8s-trace
