/** The shell's own syntax that is not understood, with a word of explanation. */
export class ShellSyntaxError extends Error {}
