import { printExpr, printVerdict, type Statement } from './syntax.ts';

/** The statement as nft prints it; null: nft has no words for it, or they are not kept. */
export function printStatement(s: Statement): string | null {
  switch (s.kind) {
    case 'match':
      return `${printExpr(s.left)} ${s.op === 'implicit' || s.op === '==' ? '' : `${s.op} `}${printExpr(s.right)}`;
    case 'verdict':
      return printVerdict(s.verdict);
    case 'vmap':
      return `${printExpr(s.key)} vmap ${printExpr(s.map)}`;
    case 'set':
      return `${printExpr(s.field)} set ${printExpr(s.value)}`;
    case 'update':
      return `update @${s.set} { ${printExpr(s.key)} }`;
    case 'reject':
      return `reject${s.type === null ? '' : ` with ${s.type} ${s.code ?? ''}`}`;
    case 'nat': {
      const to =
        s.to === null && s.port === null
          ? ''
          : ` to ${s.to === null ? '' : printExpr(s.to)}${s.port === null ? '' : `:${printExpr(s.port)}`}`;
      return `${s.action}${s.family === null ? '' : ` ${s.family}`}${s.isPrefix ? ' prefix' : ''}${to}${s.isRandom ? ' random' : ''}${s.isFullyRandom ? ' fully-random' : ''}`;
    }
    case 'notrack':
      return 'notrack';
    case 'block':
    case 'idle':
    case 'limit':
    case 'unknown-match':
    case 'unmodelled':
      return null;
  }
}
