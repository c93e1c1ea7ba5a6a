/** What `act` returns while this process has that variable; what there was before comes back. */
export function withVariable<Result>(name: string, value: string, act: () => Result): Result {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return act();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
