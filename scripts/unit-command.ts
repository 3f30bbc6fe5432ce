import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const UNIT = join(import.meta.dirname, '../deploy/edgewood.service');

/** How `deploy/edgewood.service` runs the service. */
export interface UnitCommand {
  /** Options of Node, before the program's name. */
  readonly nodeOptions: readonly string[];
  /** Variables that are set for it, but for those that only systemd can fill in. */
  readonly env: Readonly<Record<string, string>>;
}

/** Reads it from the unit, so that what is measured and tested is what is deployed. */
export function unitCommand(): UnitCommand {
  const unit = readFileSync(UNIT, 'utf8');
  const settings = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]?.split(' ') ?? [];
  const command = settings('ExecStart').slice(1);
  const program = command.findIndex((word) => !word.startsWith('--'));
  const variables = settings('Environment').filter((pair) => !pair.includes('%'));
  return {
    nodeOptions: command.slice(0, program),
    env: Object.fromEntries(variables.map((pair) => pair.split('='))),
  };
}
