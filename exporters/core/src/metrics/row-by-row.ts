/**
 * A function of two objects that remembers its last answer. All columns of a row are published with the same labels, one
 * after the other: what is made of these is made once, and shared.
 */
export const rowByRow = <A extends object, B extends object, T>(make: (a: A, b: B) => T): ((a: A, b: B) => T) => {
  let last: { readonly a: A; readonly b: B; readonly made: T } | undefined;
  return (a, b) => {
    if (last?.a !== a || last.b !== b) last = { a, b, made: make(a, b) };
    return last.made;
  };
};
