import type { CheckResult } from '../document/check-schema.ts';
import type { HopDocument, ReasonDocument } from '../document/trace-schema.ts';
import { flowText } from '../render/rows.ts';
import { safe } from '../render/text.ts';

export interface Way {
  readonly walk: ReasonDocument['walk'];
  readonly hops: readonly HopDocument[];
}

/** The walks of the decisive path that a reader needs: the request, and the later one that failed. */
export function waysOf({ trace, path, reason }: CheckResult): readonly Way[] {
  const decisive = trace?.paths[path];
  if (decisive === undefined) return [];
  const forward: Way = { walk: 'forward', hops: decisive.forward.hops };
  if (reason === null || reason.walk === 'forward') return [forward];
  // A name's query comes before the packet, and its answer belongs to it.
  if (reason.walk === 'dns') {
    const { dns } = decisive;
    return dns === null ? [forward] : [{ walk: 'dns', hops: [...dns.forward.hops, ...(dns.reply?.hops ?? [])] }];
  }
  const failed = decisive[reason.walk];
  return failed === null ? [forward] : [forward, { walk: reason.walk, hops: failed.hops }];
}

/** Each device that the packet crosses and each controller that answers it, one a line, and how it ends. */
export function wayLines(result: CheckResult): readonly string[] {
  const ways = waysOf(result);
  if (ways.length === 0) return [];
  const lines = ways.flatMap(({ walk, hops }) => [...(ways.length === 1 ? [] : [`${walk}:`]), ...hops.flatMap(lineOf)]);
  const decisive = result.trace?.paths[result.path];
  const end = [decisive?.outcome, decisive?.reason?.code].filter((word) => word !== undefined).join(' ');
  return [...lines, end].map(safe);
}

function lineOf(h: HopDocument): readonly string[] {
  if (h.kind === 'proxy') return [`${h.netns} ${h.text}`];
  return h.kind === 'interface' ? [`${h.netns} ${h.device} ${h.direction} ${flowText(h.packet.outer ?? h.packet)}`] : [];
}
