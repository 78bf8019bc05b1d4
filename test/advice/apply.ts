import { Document, isAlias, isScalar, parseAllDocuments, visit } from 'yaml';
import type { InputFile, ReasonDocument } from '../../src/index.ts';

/** A change of the input, as the JSON has it. */
type EditDocument = Extract<ReasonDocument['remedies'][number], { kind: 'edit' }>['edits'][number];

/** Applies the changes of a fix to the text of the input as the JSON states them: by file, document and path, and nothing else. */
export function applied(files: readonly InputFile[], edits: readonly EditDocument[]): readonly InputFile[] {
  return files.map((file) => {
    const own = edits.filter((e) => e.file === file.name);
    return own.length === 0 || !('bytes' in file)
      ? file
      : { ...file, bytes: new TextEncoder().encode(edited(new TextDecoder().decode(file.bytes), own)) };
  });
}

/** JSON is read by the engine's own parser, which is much faster. */
const documentsOf = (text: string) => (text.startsWith('{') ? [new Document(JSON.parse(text))] : parseAllDocuments(text, { merge: true }));

function edited(text: string, edits: readonly EditDocument[]): string {
  const parsed = documentsOf(text);
  if (!Array.isArray(parsed)) throw new Error('a text without documents');
  const documents = parsed.filter((d) => d.contents !== null).map(withoutAliases);
  for (const edit of edits) {
    const document = documents[edit.document];
    if (document === undefined) throw new Error(`there is no document ${edit.document}`);
    apply(document, edit);
  }
  return documents.map(String).join('---\n');
}

/** A path may lead through an alias, or a merge key: these are written out, so that a change has a place of its own. */
function withoutAliases(document: Document): Document {
  let has = false;
  visit(document, {
    Alias: () => {
      has = true;
    },
  });
  return has ? (parseAllDocuments(JSON.stringify(document.toJS()))[0] as Document) : document;
}

function apply(document: Document, edit: EditDocument): void {
  const path = edit.path as (string | number)[];
  if (edit.edit === 'set') document.setIn(path, document.createNode(edit.value));
  else if (edit.edit === 'remove') document.deleteIn(path);
  else {
    const list = document.getIn(path, true);
    if (list === undefined || (isScalar(list) && list.value === null)) document.setIn(path, document.createNode([edit.value]));
    else if (isAlias(list)) throw new Error('an alias');
    else {
      const { items } = list as { items: unknown[] };
      items.splice(edit.before ?? items.length, 0, document.createNode(edit.value));
    }
  }
}
