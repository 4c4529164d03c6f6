export const countWords = (count: number): string => (count === 1 ? '1 account' : `${count} accounts`);

/** Name and number, as a person tells accounts apart: "Payroll ••7730". */
export const fullName = ({ name, number }: { name: string; number: string | null }): string =>
  number ? `${name} ••${number}` : name;
