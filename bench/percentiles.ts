/** p50, p95, p99 and the extremes of some figures, rounded to hundredths. */
export function toPercentiles(figures: readonly number[]) {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) * 100) / 100;
  return { count: sorted.length, min: at(0), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
