import * as z from 'zod';

/** The fixes of a reason as data: what a program can do with each. */

const open = z.looseObject;

const question = {
  destination: z.string().optional().describe('As on the command line.'),
  method: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  size: z.number().int().optional(),
};

const place = {
  file: z.string(),
  document: z.number().int().describe('Which of the documents in the file, from 0, empty ones left out.'),
  line: z.number().int().describe('Where it is, or where what is there of its path ends.'),
  path: z.array(z.union([z.string(), z.number().int()])).describe('Keys and indexes from the root of the document.'),
};

const value = z.unknown();

const editSchema = z.discriminatedUnion('edit', [
  open({ ...place, edit: z.literal('set'), value: value.describe('What the field at `path` gets; what is missing of the path is made.') }),
  open({
    ...place,
    edit: z.literal('insert'),
    before: z.number().int().nullable().describe('The index of the item that it comes before; null: at the end.'),
    value: value.describe('What the list at `path` gets; a list that is missing is made.'),
  }),
  open({ ...place, edit: z.literal('remove') }),
]);

export const remedySchema = z
  .discriminatedUnion('kind', [
    open({
      kind: z.literal('edit'),
      edits: z.array(editSchema).describe('All of them together, in this order.'),
      instead: open(question).optional().describe('What then has to be asked, where a name has changed.'),
    }),
    open({ kind: z.literal('ask'), instead: open(question).describe('What to ask in place of the question.') }),
    open({ kind: z.literal('advice'), why: z.string().describe('Why no program can do it.') }),
  ])
  .meta({ id: 'remedy' });

export type RemedyDocument = z.output<typeof remedySchema>;
export type EditDocument = z.output<typeof editSchema>;
