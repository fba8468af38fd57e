/** Closes in the reverse order of opening, each even when another fails; the first failure is thrown at the end. */
export function createClosing(): { add(close: () => Promise<void>): void; close(): Promise<void> } {
  const closes: (() => Promise<void>)[] = [];
  return {
    add: (close) => {
      closes.unshift(close);
    },
    close: async () => {
      const failures: unknown[] = [];
      for (const close of closes.splice(0)) await close().catch((error) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}
