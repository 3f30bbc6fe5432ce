import { FeatureError } from '@edgewood/features';
import { ModelError } from '@edgewood/models';

/** Why something about a model was refused, in a sentence with its code at the end. Takes whatever was thrown. */
export function refusalReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof ModelError || error instanceof FeatureError ? error.code : error.name;
  return `${error.message} [${code}]`;
}
