/** A GraphQL answer, as loosely as tests look at it. */
export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly [AnswerError, ...AnswerError[]];
}

interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly missingScopes?: readonly string[] };
}

/** The answer in a response, which must be JSON. */
export async function readAnswer(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** Status and code of each error: `[200]`, `[400, 'BAD_REQUEST']`. */
export async function outcomeOf(response: Response): Promise<(number | string)[]> {
  const { errors = [] } = await readAnswer(response);
  return [response.status, ...errors.map(({ extensions }) => extensions.code)];
}
