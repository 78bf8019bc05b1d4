import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILT_IN, loadNetwork, type Request, type TraceDocument, traceRequest } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

/** Every command that a page of a reason shows with its result in a comment, with the page's own change of the built-in cluster. */
const REASONS = join(import.meta.dirname, '../../docs/reasons');

/** What a page's YAML may have. */
type Change = Readonly<Record<string, unknown>>;

interface Example {
  readonly code: string;
  readonly command: string;
  readonly change: Change | null;
  /** `dropped, time-out`, or only the outcome. */
  readonly outcome: string;
  readonly client: string | null;
}

function examplesOf(code: string): readonly Example[] {
  const found: Example[] = [];
  let change: Change | null = null;
  for (const [, kind, body = ''] of readFileSync(join(REASONS, `${code}.md`), 'utf8').matchAll(/```(yaml|sh)\n(.*?)```/gs)) {
    if (kind === 'yaml') change = parse(body);
    else
      for (const [, command = '', outcome = '', client] of body.matchAll(/^k8s-trace (.*?) +# ([a-z]+)(?:, ([a-z0-9-]+))?/gm))
        found.push({ code, command, change: command.includes('-f ') ? change : null, outcome, client: client ?? null });
  }
  return found;
}

interface Named {
  readonly name: string;
}

/** Things of a list take the place of those with their names, for addresses and devices hang on the order; all else is replaced. */
function changed(change: Change | null): string {
  const topology = parse(BUILT_IN);
  for (const [field, value] of Object.entries(change ?? {})) {
    const old: readonly Named[] = topology[field] ?? [];
    topology[field] = Array.isArray(value) ? merged(old, value) : value;
  }
  return JSON.stringify(topology);
}

function merged(old: readonly Named[], stated: readonly Named[]): readonly Named[] {
  const more = stated.filter((s) => !old.some((o) => o.name === s.name));
  return [...old.map((o) => stated.find((s) => s.name === o.name) ?? o), ...more];
}

function run({ command, change }: Example): TraceDocument {
  const loaded = loadNetwork([file(changed(change), 'topology.json')]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  const [source = '', destination = '', ...rest] = command
    .replace(/-f \S+/, '')
    .trim()
    .split(/ +/);
  const size = rest[0] === '--size' ? { size: Number(rest[1]) } : {};
  const over: Pick<Request, 'over'> = rest[0] === '--over' && (rest[1] === 'ipc' || rest[1] === 'volume') ? { over: rest[1] } : {};
  const result = traceRequest(loaded.value, { source, destination, ...size, ...over });
  if (!result.ok) throw new Error(result.message);
  return result.trace;
}

const codes = readdirSync(REASONS).flatMap((f) => (f === 'README.md' ? [] : [f.replace('.md', '')]));
const examples = codes.flatMap(examplesOf);

/** Their pages say why no topology gives them. */
const WITHOUT_EXAMPLE = ['NODE_NOT_READY', 'POD_NOT_RUNNING', 'POLICY_EXPLICIT_DENY', 'TTL_EXPIRED'];

describe('the examples of the reasons', () => {
  test.each(examples)('$code: $command is $outcome', (example) => {
    const { outcome, reason } = run(example);
    expect(outcome).toBe(example.outcome);
    if (outcome !== 'delivered') expect(reason?.code).toBe(example.code);
    if (example.client !== null) expect(reason?.client).toBe(example.client);
  });

  test('every page has one that shows its code', () => {
    const shown = new Set(examples.filter((e) => e.outcome !== 'delivered').map((e) => e.code));
    expect(codes.filter((code) => !shown.has(code)).sort()).toEqual(WITHOUT_EXAMPLE);
  });

  test.each(codes)('%s says what the client sees', (code) => {
    expect(readFileSync(join(REASONS, `${code}.md`), 'utf8')).toMatch(
      /`(refused|host-unreachable|net-unreachable|not-permitted|message-too-long|time-out|name-not-found|http-\d+|unknown)`/,
    );
  });
});
