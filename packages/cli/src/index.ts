export { EXIT } from './exit-codes.ts';
export { runCommand } from './main.ts';
export { TOOL_VERSION } from './tool-version.ts';
