// Where the keyboard is after another page came in place of the last.

/** As the ref of a page's heading: screen readers read it out. */
export function focusHeading(heading: HTMLElement | null): void {
  heading?.focus();
}
