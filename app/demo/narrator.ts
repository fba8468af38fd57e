/** How the demo speaks: chapters, facts and data, as text on standard output. */
export interface Narrator {
  chapter(title: string): void;
  fact(text: string): void;
  json(value: unknown): void;
  end(): void;
}

/** Numbers the chapters; colour only on a terminal. */
export function createNarrator(): Narrator {
  const bold = (text: string) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
  const write = (text: string) => process.stdout.write(`${text}\n`);
  let number = 0;
  return {
    chapter: (title) => {
      number += 1;
      write(`\n${bold(`${number}. ${title}`)}`);
    },
    fact: (text) => write(`   ${text}`),
    json: (value) => write(JSON.stringify(value, null, 2).replace(/^/gm, '   ')),
    end: () => write(`\n${bold('All of it happened as told.')}`),
  };
}
