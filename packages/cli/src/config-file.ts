import { postgresConnection } from '@edgewood/logs';
import { configWarnings, editorSchema, formatEffectiveConfig, readConfig, withSecretFiles } from '@edgewood/service';
import { configSummary } from './config-summary.ts';
import { printLine, printWarning, styled } from './terminal.ts';

interface ConfigOption {
  readonly config?: string;
}

/** `edgewood config check`. @throws {ServiceError} `BAD_CONFIG`; {LogError} `BAD_CONNECTION`. */
export function checkConfig({ config: path }: ConfigOption): void {
  const { config } = readConfig(path, process.env);
  const { location } = postgresConnection(config.database.url, withSecretFiles(process.env));
  printLine(`${path ?? 'no file, all defaults'}: ${styled('green', 'ok')}\n`);
  printLine(configSummary(config, location));
  for (const warning of configWarnings(config)) printWarning(warning);
}

/** `edgewood config show`. @throws {ServiceError} `BAD_CONFIG`. */
export function showConfig({ config: path }: ConfigOption): void {
  const read = readConfig(path, process.env);
  printLine(`# ${path ?? 'No file'}: every default is filled in, secrets are masked.\n`);
  process.stdout.write(formatEffectiveConfig(read));
}

/** `edgewood config schema`. */
export function printConfigSchema(): void {
  printLine(JSON.stringify(editorSchema(), null, 2));
}
