/** The syntax of nft's listings, text and JSON alike. The meaning of a word depends on the field beside it, and is worked out later. */

export type Expr =
  /** A value, an interval or a prefix, as it is written: `80`, `1-5`, `10.0.0.0/8`, `established`. */
  | { readonly kind: 'word'; readonly text: string }
  /** `syn,ack`: any of these bits. */
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  | { readonly kind: 'set'; readonly items: readonly Element[] }
  /** `@name` */
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'concat'; readonly parts: readonly Expr[] }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'op'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'map'; readonly key: Expr; readonly map: Expr }
  /** A random number. `hashed`: the hash of fields of the packet. */
  | { readonly kind: 'numgen'; readonly modulus: number; readonly offset: number; readonly hashed?: true; readonly text: string };

export interface Element {
  readonly key: Expr;
  /** The value of a map's element; null: the element of a set. */
  readonly data: Expr | Verdict | null;
  readonly comment: string | null;
  readonly line: number;
}

export type Verdict =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'CONTINUE' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export const isVerdict = (data: Expr | Verdict): data is Verdict =>
  data.kind === 'jump' || data.kind === 'goto' || data.kind === data.kind.toUpperCase();

/** `!`: none of these bits is set. */
export type CompareOp = 'implicit' | '==' | '!' | '!=' | '<' | '>' | '<=' | '>=';

export type Statement =
  | { readonly kind: 'match'; readonly left: Expr; readonly op: CompareOp; readonly right: Expr }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** `jump { … }`: the rules of a chain that has no name. */
  | { readonly kind: 'block'; readonly verdict: 'jump' | 'goto'; readonly line: number; readonly rules: readonly RuleSyntax[] }
  | { readonly kind: 'vmap'; readonly key: Expr; readonly map: Expr }
  | { readonly kind: 'set'; readonly field: Expr; readonly value: Expr }
  | { readonly kind: 'update'; readonly set: string; readonly key: Expr; readonly hasStatements: boolean }
  /** `type`: `icmp`, `icmpv6`, `icmpx`, `tcp`; null: not said. */
  | { readonly kind: 'reject'; readonly type: string | null; readonly code: string | null }
  /** `to`: an address, a prefix or an interval of them; a map of them. */
  | {
      readonly kind: 'nat';
      readonly action: 'snat' | 'dnat' | 'masquerade' | 'redirect';
      readonly family: 'ip' | 'ip6' | null;
      readonly to: Expr | null;
      /** The bits of the prefix replace those of the address. */
      readonly isPrefix: boolean;
      /** A port, an interval of them, or where one is looked up. */
      readonly port: Expr | null;
      readonly isRandom: boolean;
      readonly isFullyRandom: boolean;
    }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'limit'; readonly isOver: boolean }
  /** Without effect on the packet's way: `counter`, `log`, `comment`. */
  | { readonly kind: 'idle'; readonly comment: string | null }
  /** Unknown whether it matches; without any other effect. */
  | { readonly kind: 'unknown-match' }
  /** Unknown effect. */
  | { readonly kind: 'unmodelled' };

export const IDLE = { kind: 'idle', comment: null } as const;

/** A statement, and its text in the listing. */
export type Written = Statement & { readonly text: string };

export interface ChainSyntax {
  readonly name: string;
  readonly comment: string | null;
  readonly line: number;
  readonly base: {
    readonly type: string;
    readonly hook: string;
    readonly priority: string;
    readonly policy: string | null;
    /** The line that says the policy. */
    readonly policyLine: number;
    readonly devices: readonly string[];
  } | null;
  readonly rules: readonly RuleSyntax[];
}

export interface RuleSyntax {
  readonly line: number;
  /** Parsed on demand, because a packet meets few rules of a large listing. */
  statements(): readonly Written[];
}

export interface SetSyntax {
  readonly kind: 'set' | 'map';
  readonly name: string;
  readonly line: number;
  /** The names of its types, or of the fields of a `typeof`. */
  readonly key: readonly string[];
  readonly data: readonly string[];
  readonly flags: readonly string[];
  readonly timeout: number | null;
  readonly comment: string | null;
  readonly items: readonly Element[];
  readonly text: string;
}

export interface TableSyntax {
  readonly family: string;
  readonly name: string;
  readonly line: number;
  readonly comment: string | null;
  readonly isDormant: boolean;
  readonly sets: readonly SetSyntax[];
  readonly chains: readonly ChainSyntax[];
}

/** The tables of a listing, and its lines that are not understood. */
export interface RulesetSyntax {
  readonly tables: readonly TableSyntax[];
  /** `ip nat`: tables of which the listing says that iptables-nft manages them. */
  readonly managed: ReadonlySet<string>;
  readonly unread: readonly { readonly line: number; readonly why: string }[];
  /** Null: it is whole. */
  readonly fault: { readonly line: number; readonly message: string } | null;
}

export function printExpr(e: Expr): string {
  switch (e.kind) {
    case 'word':
    case 'numgen':
      return e.text;
    case 'list':
      return e.items.map(printExpr).join(',');
    case 'set':
      return `{ ${e.items.map(printElement).join(', ')} }`;
    case 'ref':
      return `@${e.name}`;
    case 'concat':
      return e.parts.map(printExpr).join(' . ');
    case 'field':
      return e.name;
    case 'op':
      return `${printExpr(e.left)} ${e.op} ${printExpr(e.right)}`;
    case 'map':
      return `${printExpr(e.key)} map ${printExpr(e.map)}`;
  }
}

const printElement = ({ key, data }: Element): string => {
  if (data === null) return printExpr(key);
  return `${printExpr(key)} : ${isVerdict(data) ? printVerdict(data) : printExpr(data)}`;
};

export const printVerdict = (v: Verdict): string =>
  v.kind === 'jump' || v.kind === 'goto' ? `${v.kind} ${v.chain}` : v.kind.toLowerCase();
