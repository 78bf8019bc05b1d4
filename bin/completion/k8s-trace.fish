# fish completion for k8s-trace:  k8s-trace completion fish > ~/.config/fish/completions/k8s-trace.fish

function __k8s_trace_complete
    set -l before (commandline -opc)
    set -l raw (commandline -ct)
    # A quote that is still open cannot be unescaped.
    set -l current (string unescape -- "$raw"; or string replace -r '^["\']' '' -- "$raw")
    set -l lines (command k8s-trace __complete $before[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$lines[-1]" = ':0'
        # --filename=FILE, -o json=FILE: the file's name is what follows the last equals sign.
        set -l start (string match -r '^.*=' -- $current)
        set -l rest (string replace -r '^.*=' '' -- $current)
        for file in (__fish_complete_path "$rest")
            printf '%s%s\n' "$start" $file
        end
        return
    end
    string match -v -r '^:\d+$' -- $lines
end

# Each time anew: nothing of the lines above is evaluated, and file names come only where they belong.
complete -c k8s-trace -e
complete -c k8s-trace -f -a '(__k8s_trace_complete)'
