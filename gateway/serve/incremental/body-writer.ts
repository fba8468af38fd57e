import type { ServerResponse } from 'node:http';
import { createCompressor, type Encoding } from '../compression.ts';
import { drained } from '../drained.ts';

/** Writes the body of an answer piece by piece; every piece leaves at once, compressed or not. */
export interface BodyWriter {
  /** Resolves when the client can take more, or has gone. */
  write(text: string): Promise<void>;
  end(): void;
}

/** A writer of a response whose head has been written. A client that takes nothing for `drainTimeoutMs` is cut off. */
export function createBodyWriter(
  response: ServerResponse,
  { encoding, drainTimeoutMs }: { readonly encoding: Encoding | null; readonly drainTimeoutMs: number },
): BodyWriter {
  return encoding === null
    ? createPlainWriter(response, drainTimeoutMs)
    : createCompressingWriter(response, encoding, drainTimeoutMs);
}

function createPlainWriter(response: ServerResponse, drainTimeoutMs: number): BodyWriter {
  return {
    async write(text) {
      if (response.destroyed) return;
      if (!response.write(text)) await drained(response, drainTimeoutMs);
    },
    end: () => {
      response.end();
    },
  };
}

function createCompressingWriter(response: ServerResponse, encoding: Encoding, drainTimeoutMs: number): BodyWriter {
  const compressor = createCompressor(encoding);
  compressor.on('data', (chunk: Buffer) => response.write(chunk));
  compressor.once('end', () => response.end());
  compressor.once('error', () => response.destroy());
  response.once('close', () => compressor.destroy());
  return {
    async write(text) {
      if (response.destroyed) return;
      compressor.write(text);
      // Not `once(…)`: a compressor that is destroyed meanwhile never calls back.
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
        compressor.flush(() => {
          response.off('close', resolve);
          resolve();
        });
      });
      await drained(response, drainTimeoutMs);
    },
    end: () => {
      compressor.end();
    },
  };
}
