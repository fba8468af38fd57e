import { type Connection, type Model, Schema } from 'mongoose';

/** An author; `books` only when populated. */
export interface Author {
  _id: number;
  name: string;
  mentor?: number;
  books?: Book[];
}

/** A book; `about` refers to a document of the model `aboutModel` names. */
export interface Book {
  _id: number;
  title: string;
  author?: number | null;
  year: number;
  tags: string[];
  about?: { name?: string; title?: string };
  aboutModel?: string;
}

/** The models of a small library. */
export interface Library {
  readonly Author: Model<Author>;
  readonly Book: Model<Book>;
}

const AUTHORS = [
  { _id: 1, name: 'Ada' },
  { _id: 2, name: 'Bob', mentor: 1 },
  { _id: 3, name: 'Cleo', mentor: 2 },
];
const BOOKS = [
  { _id: 10, title: 'First', author: 1, year: 2001, tags: ['x', 'y'], about: 2, aboutModel: 'Author' },
  { _id: 11, title: 'Second', author: 2, year: 2005, tags: ['y'], about: 10, aboutModel: 'Book' },
  { _id: 12, title: 'Third', author: 2, year: 2010, tags: [] },
  { _id: 13, title: 'Fourth', author: 3, year: 2010, tags: ['x', 'z'] },
  { _id: 14, title: 'Fifth', year: 2020 },
];

/** Makes the models on a connection and stores three authors and five books. */
export async function openLibrary(connection: Connection): Promise<Library> {
  const authors = new Schema<Author>({ _id: Number, name: String, mentor: { type: Number, ref: 'Author' } });
  authors.virtual('books', { ref: 'Book', localField: '_id', foreignField: 'author' });
  const books = new Schema<Book>({
    _id: Number,
    title: String,
    author: { type: Number, ref: 'Author' },
    year: Number,
    tags: [String],
    about: { type: Number, refPath: 'aboutModel' },
    aboutModel: String,
  });
  const library = { Author: connection.model('Author', authors), Book: connection.model('Book', books) };
  await library.Author.insertMany(AUTHORS);
  await library.Book.insertMany(BOOKS);
  return library as unknown as Library;
}
