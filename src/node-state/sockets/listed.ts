import type { StateText } from '../text.ts';

type Transport = 'tcp' | 'udp' | 'sctp';

const FLAGS: readonly (readonly [RegExp, Transport])[] = [
  [/t/, 'tcp'],
  [/u/, 'udp'],
  [/S/, 'sctp'],
];

/**
 * The protocols of which all listening sockets are listed, as the command says. Without a command: of a list without a socket, those of `ss -tulpn`,
 * if its header is that of several protocols. `ss` is without listening sockets where neither -l nor -a asks for them.
 */
export function listedIn({ command, lines }: Pick<StateText, 'command' | 'lines'>, isEmpty: boolean): readonly Transport[] {
  const words = (command ?? '').trim().split(/\s+/).slice(1);
  if (words.length === 0) return isEmpty && lines.some((line) => /^\s*Netid\s/.test(line)) ? ['tcp', 'udp'] : [];
  if (!words.every((word) => /^(-[tulpnaSeimoH]+|--(tcp|udp|sctp|listening|all|processes|program|numeric|no-header))$/.test(word)))
    return [];
  const [short, long] = [words.filter((w) => !w.startsWith('--')).join(''), words.filter((w) => w.startsWith('--')).join(' ')];
  if (!/[la]/.test(short) && !/--(listening|all)\b/.test(long)) return [];
  return FLAGS.flatMap(([pattern, protocol]) => (pattern.test(short) || long.includes(`--${protocol}`) ? [protocol] : []));
}
