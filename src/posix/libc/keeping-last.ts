/** What it made of the last argument it keeps, for the next time that the same object comes. */
export function keepingLast<From extends object, To>(make: (from: From) => To): (from: From) => To {
  let last: { readonly from: From; readonly made: To } | undefined;
  return (from) => {
    if (last?.from !== from) last = { from, made: make(from) };
    return last.made;
  };
}
