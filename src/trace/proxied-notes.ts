import type { Action, Frontend, HttpPlan, HttpRequest } from '../k8s/http/http.ts';
import type { ProxiedPath } from './leg.ts';

/** Habits of controllers that are laid down nowhere: said where an answer hangs on them. */
export function proxiedNotes({ request, frontend, notes, actions }: HttpPlan, paths: readonly ProxiedPath[]): readonly string[] {
  const clients = new Set(paths.map((p) => p.client));
  const all = [...notes];
  if (paths.some((p) => p.legs.length > 1))
    all.push('the controller is taken to connect to ready endpoints itself, each as likely as another, as controllers usually do');
  all.push(...actions.flatMap((action) => externalNotes(action, request, frontend?.api ?? null)));
  const both = actions.flatMap((a) => (a.kind === 'forward' && a.service.ipFamilies.length === 2 ? [a.service.name] : []));
  if (both.length > 0 && paths.some((p) => p.legs.length > 1))
    all.push(
      `service ${[...new Set(both)].join(', ')} has both IP families: the controller is taken to call it by the one that it was called by`,
    );
  if (frontend?.api === 'Ingress')
    for (const status of ['404', '503'] as const)
      if (clients.has(`http-${status}`))
        all.push(`the Ingress API does not say what a controller answers here; ${status} is usual (ingress-nginx)`);
  if (frontend?.api === 'Gateway' && clients.has('http-503'))
    all.push('503 is what the Gateway API recommends for a service without ready endpoints; some implementations answer 500');
  if (frontend?.api === 'Gateway' && actions.some((a) => a.kind === 'refuse' && a.why.kind === 'no-backend'))
    all.push('the Gateway API does not say what is answered when no backend has a weight; 500 is usual, and some answer 503');
  if (actions.some((a) => a.kind === 'refuse' && a.why.kind === 'no-listener') && request.scheme === 'https')
    all.push('without a listener for the name there is no certificate to show, so that TLS usually fails before HTTP begins');
  if (frontend?.api === 'Gateway' && (clients.has('http-502') || clients.has('http-504')))
    all.push('502 and 504 are what HTTP has for a backend that refuses or says nothing; Envoy answers 503 when it cannot connect');
  const behind = paths.filter((p) => p.legs.length > 1);
  if (behind.some((p) => p.reason !== null) && behind.some((p) => p.reason === null))
    all.push('many controllers try another endpoint when one does not take the connection: the shares are those of a first try');
  return all;
}

/** What becomes of an ExternalName behind a rule. */
function externalNotes(action: Action, { host }: HttpRequest, api: Frontend['api'] | null): readonly string[] {
  if (action.kind === 'refuse' && action.why.kind === 'external-name') {
    const { service, refused } = action.why;
    const name = service.externalName?.name;
    if (!refused) return [];
    if (api === 'Ingress')
      return [`ingress-nginx does not call ${name}, which is the machine itself, though service ${service.name} stands for it`];
    return [
      `service ${service.name} is an ExternalName: the Gateway API says that implementations should not support one as a backend, and 500 is its answer for a backend that is not valid; an implementation may call ${name} all the same`,
    ];
  }
  if (action.kind !== 'forward' || action.service.externalName === null) return [];
  const { name } = action.service.externalName;
  return [
    `that ingress-nginx looks ${name} up and connects to it is its own choice, which disable-svc-external-name takes away: the Ingress API says nothing of an ExternalName behind a rule`,
    ...(action.request.host === name
      ? []
      : [
          `${name} is asked for ${host}, as the client's Host header says, unless nginx.ingress.kubernetes.io/upstream-vhost says otherwise`,
        ]),
  ];
}
