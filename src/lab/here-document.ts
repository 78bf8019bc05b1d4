/** A shell's command that reads these lines. `otherwise`: what the shell does where it fails, as `|| exit 1`. */
export const heredoc = (command: string, lines: readonly string[], otherwise = ''): string =>
  [`${command} <<'END'${otherwise}`, ...lines, 'END'].join('\n');
