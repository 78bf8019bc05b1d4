import type { Unread } from '../../k8s/http/http-routing.ts';
import { type Diagnostic, diagnosticAt, formatPath } from '../../source/diagnostic.ts';
import { at } from '../../source/origin.ts';
import type { NotFollowed } from './input/http.ts';
import { type KubeObject, keyOf } from './objects.ts';

/** The finding about an object that is left out, at the field that no reader follows. */
export const notFollowed = ({ kind, locus }: KubeObject, { field, reason }: NotFollowed): Diagnostic =>
  diagnosticAt(locus.document, at(locus, ...field).path, {
    severity: 'warning',
    code: 'object-not-followed',
    message: `this ${kind} is not followed, and is left out: ${reason}`,
    hint: 'requests that it may have a part in are undetermined',
  });

/** What requests may hang on it; null: none, as it has no hosts. */
export function unreadOf(object: KubeObject, { field, reason }: NotFollowed): Unread | null {
  const { kind, locus } = object;
  if (kind !== 'Ingress' && kind !== 'Gateway' && kind !== 'HTTPRoute') return null;
  const because = `${formatPath(field)}: ${reason}`;
  return { kind, object: `${kind} ${keyOf(object)}`, hosts: hostsOf(object.data), because, locus: at(locus, ...field) };
}

/** In whatever it has: its fields may be of any type. */
function hostsOf(data: unknown): Unread['hosts'] {
  const spec = fieldOf(data, 'spec');
  const named = listOf(fieldOf(spec, 'hostnames'));
  const each = [
    ...listOf(fieldOf(spec, 'rules')).map((r) => fieldOf(r, 'host')),
    ...listOf(fieldOf(spec, 'listeners')).map((l) => fieldOf(l, 'hostname')),
  ];
  const hosts = (named.length > 0 ? named : each).map((h) => (typeof h === 'string' && h !== '' ? h.toLowerCase() : null));
  return hosts.length === 0 ? [null] : [...new Set(hosts)];
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([k]) => k === name)?.[1] : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
