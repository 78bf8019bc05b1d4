import type { Cluster } from '../k8s/cluster.ts';
import type { Resolution } from '../k8s/dns/dns.ts';
import { USUAL_PORTS } from '../k8s/http/http.ts';
import type { Service } from '../k8s/service.ts';
import { planAt } from './controllers.ts';
import type { Source } from './question.ts';
import type { Target } from './target.ts';

/** An ExternalName is only another name: who calls it sends that name, and a controller at its end goes by the name that it is sent. */

/** The ExternalName that was called, and the name that it stands for in the end; null: it was none. */
export function aliasOf({ found }: Resolution): { readonly service: Service; readonly name: string } | null {
  const [service] = found.kind === 'none' ? [] : found.aliases;
  return service === undefined || found.kind === 'none' ? null : { service, name: found.name };
}

export const aliasNote = (service: Service, name: string, host: string): string =>
  `the Host header is ${host}, as the client called it, and not ${name}, which service ${service.name} (ExternalName) stands for: no rule of the controller there names it`;

/** What a program that speaks HTTP would meet behind an alias: a controller without a rule for it. */
export function aliasNotes(cluster: Cluster, resolution: Resolution | null, target: Target, source: Source): readonly string[] {
  const alias = resolution === null ? null : aliasOf(resolution);
  if (resolution === null || alias === null || target.protocol !== 'tcp' || target.port === null) return [];
  const host = resolution.question.replace(/\.$/, '');
  const scheme = target.port === USUAL_PORTS.https ? 'https' : 'http';
  const request = {
    scheme,
    host,
    port: target.port,
    path: '/',
    query: [],
    search: '',
    method: 'GET',
    headers: new Map<string, string>(),
  } as const;
  const plan = planAt(cluster, target, request, source.kind === 'Host');
  if (plan === null || plan.hostRank > 0) return [];
  return [
    `the connection ends at a controller (${plan.frontend?.name}), which looks at HTTP: ${aliasNote(alias.service, alias.name, host)}`,
  ];
}
