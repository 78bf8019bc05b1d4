/** The commands that the script runs on a node. Each one only reads, and its output goes into a file that is named after it. */
const COMMANDS = [
  'iptables-save',
  'ip6tables-save',
  'nft list ruleset',
  'ipset save',
  'ipvsadm -Sn',
  'ip -d address',
  // Without -4 it prints both families, and IPv6's would be there twice, a moment apart.
  'ip -4 route show table all',
  'ip -6 route show table all',
  'ip rule',
  'ip -6 rule',
  'ip neigh',
  'bridge fdb',
  'bridge -d link',
  'ss -tulpn',
  'conntrack -L',
  'conntrack -L -f ipv6',
] as const;

/**
 * A script for a POSIX shell that collects the state of the machine it runs on: into files of a directory, or without one to standard
 * output, each command's output under its name. `remarks`: the script's first lines, which say how to run it.
 */
export function collectScript(remarks: readonly string[]): string {
  return `${['#!/bin/sh', ...remarks.map((line) => (line === '' ? '#' : `# ${line}`)), '', ...BODY].join('\n')}\n`;
}

const fileOf = (command: string): string => command.replaceAll(' ', '-');

const run = (command: string): string => `run ${fileOf(command)} ${command}`;

const BODY: readonly string[] = [
  'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
  'LC_ALL=C',
  'export PATH LC_ALL',
  'node=$2',
  '[ -n "$node" ] || node=$(uname -n)',
  'if [ $# -gt 0 ]; then',
  '  out=$1/$node',
  '  mkdir -p "$out" || exit 1',
  'else',
  '  out=',
  'fi',
  'said=$(mktemp) && erred=$(mktemp) || exit 1',
  `trap 'rm -f "$said" "$erred"' EXIT`,
  '',
  '# run FILE COMMAND...: a command that is not there, fails or prints nothing leaves a line that says so.',
  'run() {',
  '  file=$1',
  '  shift',
  '  status=0',
  '  if ! command -v "$1" >/dev/null 2>&1; then',
  '    echo "# $*: not installed" >"$said"',
  '  else',
  '    "$@" </dev/null >"$said" 2>"$erred" || status=$?',
  '    if [ ! -s "$said" ] && [ "$status" -eq 0 ]; then',
  '      echo "# $*: no output" >"$said"',
  '    elif [ ! -s "$said" ]; then',
  '      echo "# $*: exit status $status" >"$said"',
  `      sed 's/^/# /' "$erred" >>"$said"`,
  '    fi',
  '  fi',
  '  if [ -n "$out" ]; then',
  '    cat "$said" >"$out/$file"',
  '  else',
  '    echo "### $*"',
  '    cat "$said"',
  '  fi',
  '}',
  '',
  ...COMMANDS.map(run),
  '# Both kinds of iptables may have rules at once; only where the older one has a table. A file of /proc has no size.',
  `if [ -n "$(cat /proc/net/ip_tables_names 2>/dev/null)" ]; then ${run('iptables-legacy-save')}; fi`,
  `if [ -n "$(cat /proc/net/ip6_tables_names 2>/dev/null)" ]; then ${run('ip6tables-legacy-save')}; fi`,
  'if command -v sysctl >/dev/null 2>&1; then',
  `  ${run('sysctl -a')}`,
  'else',
  '  run sysctl grep -r . /proc/sys/net',
  'fi',
];
