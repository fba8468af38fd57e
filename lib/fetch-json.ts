const MAX_BYTES = 256 * 1_024;

/**
 * The JSON at a URL of our configuration: 200 only, no redirects, at most 256 kB, within `timeoutMs` from first to last byte.
 * Throws Error otherwise.
 */
export async function fetchJson(url: string, options: { fetch: typeof fetch; timeoutMs: number }): Promise<unknown> {
  const response = await options.fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
