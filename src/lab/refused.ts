import type { Cluster } from '../k8s/cluster.ts';
import { placeOf } from '../source/origin.ts';
import { foundInputs } from './found-rules.ts';
import { LabError } from './machine.ts';
import { fileOf } from './names.ts';

/** `rules.ts` has the script say this behind what the program says. */
const REFUSED = /^refused: (\S+) (.+)$/m;
/** `Error occurred at line: 5` and `line 4: RULE_APPEND failed` of iptables-restore, `Error in line 2` of ipset, `/dev/stdin:3:5-10` of nft. */
const LINE = /\bline:? (\d+)|^\S*:(\d+):\d+-\d+:/m;

/** A line that was found on a node and that this machine's program or kernel does not take; null: the script failed for something else. */
export function refusedLine(stderr: string, { nodes }: Cluster): LabError | null {
  const [, file, loader] = REFUSED.exec(stderr) ?? [];
  const node = [...nodes.values()].find(({ name }) => fileOf(name) === file);
  if (node?.found == null) return null;
  const lines = foundInputs(node.found).find((input) => input.loader === loader)?.lines ?? [];
  const said = stderr.replace(REFUSED, '').trim();
  const [, one, other] = LINE.exec(said) ?? [];
  const line = lines[Number(one ?? other) - 1];
  const place = line?.locus == null ? `what was found on ${node.name}` : `${placeOf(line.locus)}: ${line.text.trim()}`;
  const [reason = '', detail] = said.split('\n');
  return new LabError(
    `${place}: this machine does not load it: ${[reason.trim(), ...(reason.trim().endsWith(':') ? [detail ?? ''] : [])].join(' ').trim()}`,
    `the kernel can be asked about the rest, with a copy of the file that has no such line; the trace needs no kernel`,
  );
}
