/** Marks a control within a grid cell: the grid's arrows lead to it, Tab does not. */
export const stopIn = (inGrid: boolean) => (inGrid ? { 'data-stop': true, tabIndex: -1 } : {});
