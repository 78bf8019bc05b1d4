import { type Fix, WHY } from '../diagnose/remedy.ts';
import type { Edit } from '../source/edit.ts';
import { writtenAt } from '../source/origin.ts';
import type { EditDocument, RemedyDocument } from './remedy-schema.ts';

/** What a program can do with a fix, as the JSON has it. */
export function remedyDocument({ remedy }: Fix): RemedyDocument {
  switch (remedy.kind) {
    case 'edit': {
      const { kind, edits, instead } = remedy;
      // Objects of a cluster are changed there, not in the file that shows them.
      if (edits.some((e) => e.locus.document.lax === true)) return { kind: 'advice', why: WHY.elsewhere };
      return { kind, edits: edits.map(editDocument), ...(instead === undefined ? {} : { instead: { ...instead } }) };
    }
    case 'ask':
      return { kind: remedy.kind, instead: { ...remedy.instead } };
    case 'advice':
      return { kind: remedy.kind, why: WHY[remedy.why] };
  }
}

function editDocument(change: Edit): EditDocument {
  const { document, path } = writtenAt(change.locus);
  const at = { file: document.file, document: document.index, line: document.position(path).line, path: [...path] };
  switch (change.edit) {
    case 'set':
      return { ...at, edit: change.edit, value: change.value };
    case 'insert':
      return { ...at, edit: change.edit, before: change.before, value: change.value };
    case 'remove':
      return { ...at, edit: change.edit };
  }
}
