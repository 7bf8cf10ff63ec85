/** `, did you mean X?` when a known name is one letter away, whatever the case; otherwise nothing. */
export function didYouMean(found: string, known: Iterable<string>): string {
  const near = [...known].find((name) => isNear(found.toUpperCase(), name.toUpperCase()));
  return near === undefined ? '' : `, did you mean ${near}?`;
}

/** Whether one letter at most is another, too many or missing. */
function isNear(a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
