import type { IpFamily } from '../../net/address.ts';
import type { Origin } from '../../source/origin.ts';
import { declaredAt, type Reading, type StateText } from '../text.ts';
import { askedBy } from './asked.ts';
import { columnFields } from './columns.ts';
import { Entry, type Fields } from './entry.ts';
import { Gathered } from './gathered.ts';
import { halfLine } from './half-line.ts';
import { ifconfigFields } from './ifconfig.ts';
import { isJson, printedObjects } from './json.ts';
import { addDetail, addressFields, briefFields, type Detail, linkFields } from './link-text.ts';
import { readFoundAddress, readLink } from './links.ts';
import { fdbFields, neighbourFields, readFdbEntry, readNeighbour } from './neighbours.ts';
import { type RecordKind, recordsOf, type TextRecord } from './records.ts';
import { routeFields } from './route-text.ts';
import { familyBy, readRoute, unreadOfRoute } from './routes.ts';
import { ruleFields } from './rule-text.ts';
import { readRule, unreadOfRule } from './rules.ts';

/**
 * Reads the outputs of `ip` and `bridge`: devices, addresses, routes, rules, neighbours and forwarding tables, as text, `-br`, `-o`, `-d`,
 * `-s` or JSON; and those of the older `route -n` and `ifconfig -a`. Each line is recognised by its form.
 */
export function readIp(text: StateText): Reading {
  const reader = new Reader(text);
  if (isJson(text.lines)) reader.json();
  else reader.plain();
  return reader.gathered.reading();
}

/** Reads the output of `bridge fdb`. */
export const readFdb = (text: StateText): Reading => readIp(text);

/** Kinds of records with more lines below the first. */
const WITH_DETAILS: readonly RecordKind[] = ['link', 'ifconfig', 'columns', 'route', 'address'];

class Reader {
  readonly gathered: Gathered;
  readonly #text: StateText;
  #family: IpFamily;
  /** The device of `dev NAME`, which the output does not print. */
  readonly #device: string | null;

  constructor(text: StateText) {
    const asked = askedBy(text.command);
    this.gathered = new Gathered(text, asked);
    this.#text = text;
    this.#family = asked.family ?? 'IPv4';
    this.#device = asked.device;
  }

  json(): void {
    const { objects, bad, isCut } = printedObjects(this.#text.lines);
    for (const { line, text, why } of bad) this.gathered.notUnderstood(line, text, why);
    for (const { fields, line, text } of objects) this.#object(new Entry(fields, line, text));
    if (isCut) this.gathered.cut(Math.max(0, this.#text.lines.length - 1));
  }

  plain(): void {
    const records = recordsOf(this.#text.lines);
    for (const record of records) this.#record(record);
    const half = halfLine(this.#text, records, (line) => this.gathered.unread.some(({ locus }) => locus.path[0] === line));
    if (half !== null) this.gathered.halfLine(half);
  }

  /** Each kind of object has a field that no other has. */
  #object(entry: Entry): void {
    const { fields } = entry;
    if ('mac' in fields) this.#fdb(entry);
    else if ('priority' in fields && 'src' in fields) this.#rule(entry);
    else if ('dst' in fields && ('proxy' in fields || Array.isArray(fields['state']))) this.#neighbour(entry);
    else if ('dst' in fields) this.#route(entry);
    else if ('ifname' in fields) this.#link(entry);
    else if ('addr_info' in fields) for (const address of entry.objects('addr_info')) this.#address(address, address.word('dev') ?? '');
    else if (Object.keys(fields).length > 0) this.#notUnderstood(entry, ['neither a device nor a route, a rule or a neighbour']);
  }

  #record(record: TextRecord): void {
    const { kind, line, text, details } = record;
    const entry = (fields: Fields) => new Entry(fields, line, text);
    switch (kind) {
      case 'link':
        this.#linkText(record);
        break;
      case 'ifconfig':
        this.#ifconfig(record);
        break;
      case 'columns':
        this.#columns(record);
        break;
      case 'route':
        this.#routeText(record);
        break;
      case 'address': {
        const [, device = '', rest = ''] = /^\d+: (\S+)\s+(.*)$/.exec(text) ?? [];
        this.#address(entry(addressFields(rest)), device);
        break;
      }
      case 'brief':
        this.#link(entry(briefFields(text)));
        break;
      case 'rule':
        this.#rule(entry(ruleFields(text)));
        break;
      case 'neighbour':
        this.#neighbour(entry(neighbourFields(text)));
        break;
      case 'fdb':
        this.#fdb(entry(fdbFields(text)));
        break;
      case 'unknown':
        this.gathered.notUnderstood(line, text, 'not a line of ip, bridge or route -n');
    }
    if (!WITH_DETAILS.includes(kind)) for (const detail of details) this.#stray(detail);
  }

  readonly #stray = ({ line, text }: Detail): void => this.gathered.notUnderstood(line, text, 'belongs to nothing that is understood');

  #linkText({ line, text, details }: TextRecord): void {
    const fields = linkFields(text);
    const addresses: Entry[] = [];
    for (const detail of details) {
      const why = addDetail(fields, detail, (address) => addresses.push(new Entry(address, detail.line, detail.text)));
      if (why !== null) this.gathered.notUnderstood(detail.line, detail.text, why);
    }
    const entry = new Entry(fields, line, text);
    this.#link(entry);
    for (const address of addresses) this.#address(address, String(fields['ifname']));
  }

  #ifconfig(record: TextRecord): void {
    const { fields, addresses, strange } = ifconfigFields(record);
    for (const detail of strange) this.#stray(detail);
    this.#link(new Entry(fields, record.line, record.text));
    for (const { fields: address, detail } of addresses)
      this.#address(new Entry(address, detail.line, detail.text), String(fields['ifname']));
  }

  #columns({ text, details }: TextRecord): void {
    this.gathered.areRoutesBrief = true;
    const hasMetrics = !details.some(({ text: heading }) => /^Destination\s.*\sMSS\s/.test(heading));
    for (const detail of details) {
      if (/^Destination\s/.test(detail.text)) continue;
      const fields = columnFields(detail.text, text.includes('IPv6'), hasMetrics);
      if (fields === null) this.gathered.notUnderstood(detail.line, detail.text, 'not a line of route -n');
      else this.#route(new Entry(fields, detail.line, detail.text));
    }
  }

  #routeText({ line, text, details }: TextRecord): void {
    const hops = details.filter((detail) => detail.text.trim().startsWith('nexthop '));
    for (const detail of details) if (!hops.includes(detail) && !isNote(detail)) this.#stray(detail);
    this.#route(
      new Entry(
        routeFields(
          text,
          hops.map((hop) => hop.text),
        ),
        line,
        text,
      ),
    );
  }

  #link(entry: Entry): void {
    const link = readLink(entry, this.#origin(entry));
    const addresses = entry.objects('addr_info');
    if (link !== null) this.gathered.links.push(link);
    if (entry.fields['link_type'] !== undefined || isBriefWhole(entry.fields, addresses)) this.gathered.hasDevices = true;
    this.#notUnderstood(entry, link === null ? ['a device without a name'] : entry.wrong);
    for (const address of addresses) this.#address(address, link?.name ?? '');
  }

  #address(entry: Entry, device: string): void {
    entry.leave(['dev']);
    const address = readFoundAddress(entry, device, this.#origin(entry));
    if (address !== null) this.gathered.addresses.push(address);
    this.#notUnderstood(entry, [...entry.wrong, ...entry.unknownWords()]);
  }

  #route(entry: Entry): void {
    this.#family = familyBy(entry) ?? this.#family;
    const route = readRoute(entry, this.#family, this.#origin(entry));
    if (route !== null) this.gathered.routes.push(route);
    this.#notUnderstood(entry, unreadOfRoute(entry));
  }

  #rule(entry: Entry): void {
    const rule = readRule(entry, this.#origin(entry));
    if (rule !== null) this.gathered.rules.push(rule);
    this.#notUnderstood(entry, unreadOfRule(entry));
  }

  #neighbour(entry: Entry): void {
    const neighbour = readNeighbour(entry, this.#origin(entry));
    if (neighbour !== null) this.gathered.neighbours.push(neighbour);
    this.#notUnderstood(
      entry,
      neighbour === null ? ['no address or no device', ...entry.wrong] : [...entry.wrong, ...entry.unknownWords()],
    );
  }

  #fdb(entry: Entry): void {
    const found = readFdbEntry(entry, this.#device, this.#origin(entry));
    if (found !== null) this.gathered.fdb.push(found);
    this.#notUnderstood(
      entry,
      found === null ? ['no MAC address or no device', ...entry.wrong] : [...entry.wrong, ...entry.unknownWords()],
    );
  }

  readonly #origin = ({ line }: Entry): Origin => declaredAt(this.#text, line);

  #notUnderstood({ line, text }: Entry, why: readonly string[]): void {
    if (why.length > 0) this.gathered.notUnderstood(line, text, why.join(', '));
  }
}

/** Does the brief output list all devices? `ip -br link` does; `ip -br addr` does if a device without an address is among them. */
const isBriefWhole = ({ operstate, flags, mtu, addr_info }: Fields, addresses: readonly Entry[]) =>
  operstate !== undefined && mtu === undefined && (Array.isArray(flags) || (addr_info !== undefined && addresses.length === 0));

/** Is it a line of `ip -d route` about a next hop object, whose parts the route itself has as well? */
const isNote = ({ text }: Detail) => /^\s*(nh_info|cache)\b/.test(text);
