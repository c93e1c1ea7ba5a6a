export function processorTime(seconds: number): string {
  if (seconds < 600) return `${seconds.toFixed(1)} s`;
  return seconds < 36_000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
