import type { Network } from '../k8s/compiled-network.ts';
import { type Diagnostic, diagnosticAt, diagnosticWhere, enclosingLines, inOrder, type Result } from '../source/diagnostic.ts';
import { FINDINGS } from '../source/findings.ts';
import { decodeText, lineReader, withLineFeeds } from '../source/text.ts';
import { addresses } from './addresses.ts';
import { backends } from './backends.ts';
import { type Choice, chosen, fits, misfit } from './choice.ts';
import { ignoreComments } from './comments.ts';
import { devices } from './devices.ts';
import { endpoints } from './endpoints.ts';
import { firewalls } from './firewalls.ts';
import { http } from './http.ts';
import type { Lint, ReportFinding } from './lint.ts';
import { nodes } from './nodes.ts';
import { outside } from './outside.ts';
import { policies } from './policies.ts';
import { policyPeers } from './policy-peers.ts';
import { reach } from './reach.ts';
import { routes } from './routes.ts';
import { services } from './services.ts';
import { sysctls } from './sysctls.ts';
import { tunnels } from './tunnels.ts';

export { type Choice, LINT_CODES, misfit } from './choice.ts';

const LINTS: readonly Lint[] = [
  services,
  backends,
  endpoints,
  outside,
  http,
  nodes,
  sysctls,
  devices,
  routes,
  reach,
  firewalls,
  addresses,
  tunnels,
  policies,
  policyPeers,
];

/** A text that was read, with the name that its diagnostics have. One that is read in parts is a dump, which has no comments. */
interface Source {
  readonly name: string;
  readonly bytes?: Uint8Array;
}

export interface Linted {
  readonly findings: readonly Diagnostic[];
  /** How many a comment or a flag has left out. */
  readonly ignored: number;
}

/** All that is to be said of the files: the errors, or else the loader's warnings and what the lints find, less what is ignored. */
export function lint(loaded: Result<Network>, files: readonly Source[], choice: Choice): Linted {
  const all = loaded.ok ? [...loaded.warnings, ...findingsOf(loaded.value)] : loaded.diagnostics;
  const comments = files.flatMap(commentsOf);
  const kept = all.filter((d) => d.severity === 'error' || !comments.some((c) => c.ignores(d)));
  // With errors no lint has run, so nobody knows which comments are of use.
  const more = loaded.ok ? comments.flatMap((c) => c.useless(all)) : [];
  const findings = [...kept, ...more].filter((d) => chosen(d.code, choice));
  return { findings: inOrder(findings), ignored: all.length + more.length - findings.length };
}

function findingsOf({ cluster, datapath }: Network): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: ReportFinding = ({ document, path }, code, message, hint = null) => {
    found.push(diagnosticAt(document, path, { severity: FINDINGS[code].severity, code, message, hint }));
  };
  for (const look of LINTS) look(cluster, datapath, report);
  return found;
}

interface Comment {
  ignores(finding: Diagnostic): boolean;
  /** The finding about the codes in it that ignore none of these. */
  useless(all: readonly Diagnostic[]): readonly Diagnostic[];
}

function commentsOf({ name, bytes }: Source): readonly Comment[] {
  const decoded = bytes === undefined ? null : decodeText(bytes);
  if (decoded === null || 'fault' in decoded) return [];
  const text = withLineFeeds(decoded.text);
  const lineOf = lineReader(text);
  return ignoreComments(text).map(({ about, line, column, codes }): Comment => {
    const near = (d: Diagnostic) => d.severity !== 'error' && d.file === name && enclosingLines(d).includes(about);
    const note = (message: string, hint: string | null): Diagnostic =>
      diagnosticWhere(name, { line, column }, lineOf, [], {
        severity: FINDINGS['unused-ignore'].severity,
        code: 'unused-ignore',
        message,
        hint,
      });
    const useless = (code: string, all: readonly Diagnostic[]) => {
      const wrong = misfit(code);
      if (wrong !== null) return [note(wrong.message, wrong.hint)];
      if (all.some((d) => fits(code, d.code) && near(d))) return [];
      return [note(`there is no ${code} to ignore on line ${about} or in what begins there`, 'take the comment away, or move it')];
    };
    return {
      ignores: (d) => codes.some((c) => fits(c, d.code)) && near(d),
      useless: (all) =>
        codes.length === 0 ? [note('which finding?', 'as: # k8s-trace: ignore CODE, CODE')] : codes.flatMap((c) => useless(c, all)),
    };
  });
}
