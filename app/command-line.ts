import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../lib/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Given extends Options> = ReturnType<typeof parseArgs<{ options: Given }>>['values'];

/** What a command is called with. */
export interface CommandLine<Given extends Options> {
  readonly command: string;
  /** The arguments as a usage line shows them: `NAME [--port N]`. */
  readonly takes: string;
  /** As `parseArgs` of node:util has them. `--help` prints the usage line and ends the process with status 0. */
  readonly options: Given;
  /** How many words without dashes it takes. @default 0 */
  readonly words?: number;
}

/** Reads the arguments of a command. AppError BAD_USER_INPUT, which ends with the usage line, for what it does not take. */
export function readCommandLine<const Given extends Options>(
  args: readonly string[],
  { command, takes, options, words = 0 }: CommandLine<Given>,
): { values: Values<Given>; words: string[] } {
  if (args.includes('--help')) {
    process.stdout.write(`${usageOf(command, takes)}\n`);
    process.exit(0);
  }
  const { values, positionals } = parse(args, options, (message) => wrongUsage(message, command, takes));
  if (positionals.length > words)
    throw wrongUsage(`The argument ${positionals[words]} is one too many.`, command, takes);
  return { values, words: positionals };
}

/** The refusal of a command line, with how it is written. */
export function wrongUsage(message: string, command: string, takes: string): AppError {
  return new AppError('BAD_USER_INPUT', `${message}\n${usageOf(command, takes)}`);
}

/** The `--port` of a command, as the variable PORT that it stands for; nothing without it. AppError BAD_USER_INPUT for what is no port. */
export function portOf(text: string | undefined, command: string, takes: string): { PORT?: string } {
  if (text === undefined) return {};
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return { PORT: text };
  throw wrongUsage('--port must be a port from 0 to 65535.', command, takes);
}

/** How a user calls a command: by npm in the source tree, by the package's own program where it is installed. */
export function commandText(command: string, args: string): string {
  const built = import.meta.url.endsWith('.js');
  const name = built ? `npx tributary ${command}` : `npm run ${command}`;
  if (!args) return name;
  return built ? `${name} ${args}` : `${name} -- ${args}`;
}

function usageOf(command: string, takes: string): string {
  return `Usage: ${commandText(command, takes)}`;
}

function parse<Given extends Options>(args: readonly string[], options: Given, refusal: (message: string) => AppError) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node adds how to pass a word that begins with a dash: nothing here takes one.
    const [message] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw refusal(`${message?.replace(/\.$/, '')}.`);
  }
}
