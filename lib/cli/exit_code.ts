/** The exit codes, which the table of commands explains. */
export { EXIT, EXIT_MEANING, type ExitCode } from "../config/exit_code.ts";
