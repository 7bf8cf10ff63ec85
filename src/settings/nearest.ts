/** `, did you mean X?` when a known name is one letter away, whatever the case; otherwise nothing. */
export function didYouMean(found: string, known: Iterable<string>): string {
  const near = [...known].find((name) => isNear(found.toUpperCase(), name.toUpperCase()));
  return near === undefined ? '' : `, did you mean ${near}?`;
}

/** Whether one letter at most is another, too many or missing, or two have changed places. */
function isNear(a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  const isSwapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return isSwapped || restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
