import type { Pod } from '../k8s/pod.ts';
import type { Found } from './found.ts';
import type { PlaceName } from './place.ts';
import type { Medium, Request, Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import type { Target } from './target.ts';

/** A question about shared memory and volumes has two pods, or containers of them, and no port. */
export function checkSharing(over: Medium, request: Request, source: Source, to: PlaceName, destination: Found): Parsed<Pod> {
  const what = over === 'ipc' ? 'shared memory' : 'a volume';
  const unfit = (['port', 'protocol', 'size', 'family'] as const).find((f) => request[f] !== undefined);
  if (unfit !== undefined) return fail(`--${unfit} is about a packet, and --over ${over} asks for ${what}`, `leave --${unfit} out`);
  if (to.port !== null || to.protocol !== null) return fail(`${to.text}: ${what} has no port`, 'leave the port out');
  if (source.kind !== 'Pod') return fail(`${source.name} is no pod, and --over ${over} is about pods and their containers`);
  const found = destination.kind === 'address' ? destination.owner : destination;
  if (found?.kind === 'pod') return { ok: true, value: found.pod };
  return fail(`${to.text} is no pod, and --over ${over} is about pods and their containers`, 'name a pod, or a container as app@pod-a');
}

/** Nothing is called: there is no packet. */
export const noTarget: Target = { protocol: 'icmp', port: null, addresses: [], notes: [], servicePort: null, missing: null };
