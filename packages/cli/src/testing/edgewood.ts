/** The edgewood command as a program, from the sources. */
import { runCommand } from '../main.ts';

process.exitCode = await runCommand(process.argv);
