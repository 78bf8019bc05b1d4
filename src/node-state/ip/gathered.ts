import { MAIN_TABLE, type RoutingRule } from '../../datapath/fib.ts';
import type { FoundAddress, FoundFdbEntry, FoundLink, FoundNeighbour } from '../../datapath/found-state.ts';
import type { Route } from '../../datapath/route.ts';
import { FAMILIES, familyOf, isLoopback } from '../../net/address.ts';
import type { Origin } from '../../source/origin.ts';
import { againOrEnd, declaredAt, lineOf, type Piece, type Reading, type StateFault, type StateText, type Unread } from '../text.ts';
import { type Asked, familyOfRules, groupsOf, tableBy } from './asked.ts';
import { cutOff } from './cut.ts';
import { joined } from './next-hops.ts';
import type { TabledRoute } from './routes.ts';

/** The entries of one text that were read so far. */
export class Gathered {
  readonly links: FoundLink[] = [];
  readonly addresses: FoundAddress[] = [];
  readonly routes: TabledRoute[] = [];
  readonly rules: RoutingRule[] = [];
  readonly neighbours: FoundNeighbour[] = [];
  readonly fdb: FoundFdbEntry[] = [];
  readonly unread: Unread[] = [];
  readonly faults: StateFault[] = [];
  /** Are devices listed themselves, and not only those that have an IP address? */
  hasDevices = false;
  /** Were routes printed by `route -n` or `netstat -rn`? */
  areRoutesBrief = false;
  #cutAt: number | null = null;
  readonly #text: StateText;
  readonly #asked: Asked;

  constructor(text: StateText, asked: Asked) {
    this.#text = text;
    this.#asked = asked;
  }

  notUnderstood(line: number, text: string, why: string): void {
    this.unread.push({ locus: lineOf(this.#text, line, `Node/${this.#text.node}`), text, why });
  }

  fault(line: number, message: string, hint: string | null): void {
    this.faults.push({ locus: lineOf(this.#text, line, `Node/${this.#text.node}`), message, hint });
  }

  reading(): Reading {
    const { neighbours, fdb, unread, faults } = this;
    const isPart = this.#asked.device !== null && (this.#asked.noun === 'route' || this.#asked.noun === 'neigh');
    if (isPart) {
      this.fault(0, `only what ${this.#asked.device} has of it`, `ip ${this.#asked.noun} show, without dev`);
      return { pieces: [], unread, faults };
    }
    const pieces = [...this.#linkPieces(), ...this.#routePieces(), ...this.#rulePieces()];
    if (neighbours.length > 0 || this.#isEmpty('neigh')) pieces.push({ kind: 'neighbours', neighbours });
    if (fdb.length > 0 || this.#isEmpty('fdb')) pieces.push({ kind: 'fdb', entries: fdb });
    if (this.#cutAt === null) return { pieces, unread, faults };
    const origin = declaredAt(this.#text, this.#cutAt);
    const before = unread.filter(({ locus }) => locus.path[0] !== this.#cutAt);
    return { pieces: cutOff(pieces, this.#asked, this.#text.lines.join('\n'), origin), unread: before, faults };
  }

  /** JSON whose end is missing after this line. */
  cut(line: number): void {
    this.#cutAt = line;
    this.fault(line, 'the JSON is cut off: its end is missing', 'collect all of it once more');
  }

  /** Plain text that breaks off within this line. */
  halfLine(line: number): void {
    this.#cutAt = line;
    this.fault(line, 'the text is cut off: its last line is not whole', againOrEnd(this.#text));
  }

  /** Is it the empty output of a known command, so that nothing of this kind exists? */
  #isEmpty(noun: Asked['noun']): boolean {
    return this.#asked.noun === noun && this.#text.lines.every((line) => /^\s*(\[\s*(\{\s*\}\s*)?\]\s*)?$/.test(line));
  }

  /**
   * The devices and addresses. Every namespace has `lo`: a text without it is of some devices only, and those that it does not list are not
   * known.
   */
  #linkPieces(): Piece[] {
    const { links, addresses } = this;
    const isAll = this.hasDevices && links.some(({ name }) => name === 'lo');
    const pieces: Piece[] = links.length === 0 ? [] : [{ kind: 'links', isAll, links }];
    for (const family of FAMILIES) {
      const own = addresses.filter(({ address }) => familyOf(address) === family);
      const isWhole = isAll ? this.#asked.family === null || this.#asked.family === family : own.some(({ address }) => isLoopback(address));
      if (isWhole && (own.length > 0 || this.#asked.noun === 'addr' || addresses.length > 0))
        pieces.push({ kind: 'addresses', family, addresses: own });
      else if (own.length > 0 && !this.hasDevices) this.#partial(own[0]?.origin, 'addresses', 'ip addr');
    }
    if (this.hasDevices && !isAll) this.#partial(links[0]?.origin, 'devices', 'ip -d addr');
    return pieces;
  }

  /** A list of some devices is not taken for a list of all. */
  #partial(first: Origin | undefined, what: string, hint: string): void {
    const locus = first?.locus ?? lineOf(this.#text, 0, `Node/${this.#text.node}`);
    this.faults.push({ locus, message: `only some ${what}: lo is not among them`, hint });
  }

  #routePieces(): Piece[] {
    return FAMILIES.flatMap((family): Piece[] => {
      const own = this.routes.filter((route) => route.family === family);
      const isAsked = this.#isEmpty('route') && (this.#asked.family ?? 'IPv4') === family;
      if (own.length === 0 && !isAsked) return [];
      const isAll = this.#asked.table === 'all' || own.some(({ table }) => table !== null);
      const usual = typeof this.#asked.table === 'number' ? this.#asked.table : isAll ? MAIN_TABLE : tableBy(own);
      const tables = new Map<number, Route[]>(isAll ? [] : [[usual, []]]);
      for (const { table, route } of own) {
        const id = table ?? usual;
        const routes = tables.get(id);
        if (routes === undefined) tables.set(id, [route]);
        else routes.push(route);
      }
      const all = new Map([...tables].map(([id, routes]) => [id, joined(routes)]));
      return [{ kind: 'routes', family, isAll, tables: all, ...(this.areRoutesBrief ? { areBrief: true } : {}) }];
    });
  }

  #rulePieces(): Piece[] {
    return groupsOf(this.rules).flatMap((rules): Piece[] => {
      const family = this.#asked.family ?? familyOfRules(rules, this.#asked.noun === 'rule');
      if (family !== null) return [{ kind: 'rules', family, rules: rules.map((rule) => ({ ...rule, family })) }];
      const locus = rules[0]?.origin.locus ?? lineOf(this.#text, 0, `Node/${this.#text.node}`);
      this.faults.push({ locus, message: 'rules with addresses of both families', hint: 'ip rule; ip -6 rule' });
      return [];
    });
  }
}
