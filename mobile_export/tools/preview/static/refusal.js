// A photograph that is not read; its message is the reason, to be shown.
export class Refusal extends Error {}
