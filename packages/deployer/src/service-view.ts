import type { ModelMetadata, ServiceReport } from '@edgewood/models';

/** A report, and what is known of its age. */
export interface SeenReport {
  readonly report: ServiceReport;
  /** Whether the service has surely made it since this view was created: otherwise it may be of one that is gone. */
  readonly isFresh: boolean;
  /** How it was seen, for people. */
  readonly by: string;
}

/** What a service says of metadata before the files are there. */
export interface CheckAnswer {
  readonly accepted: boolean;
  /** Why it would not use the version; null if it would. */
  readonly problem: string | null;
}

/**
 * What a deployer can see of the service that uses a target's directory. The way there may be closed or broken: that is no
 * error but an answer with a reason. Whatever fails is tried again at the next call.
 */
export interface ServiceView {
  /** @returns a sentence why nothing can be seen, otherwise the report. */
  report(): Promise<SeenReport | string>;
  /**
   * @param user name of the service's agent that would use the version.
   * @returns a sentence why it cannot be asked, otherwise the answer.
   */
  check(user: string, metadata: ModelMetadata): Promise<CheckAnswer | string>;
}

/** The first view that sees something; what is seen wins over what is missing. */
export class FirstServiceView implements ServiceView {
  readonly #views: readonly ServiceView[];

  /** @param views at least one, the best first. */
  constructor(views: readonly ServiceView[]) {
    this.#views = views;
  }

  report(): Promise<SeenReport | string> {
    return this.#first((view) => view.report());
  }

  check(user: string, metadata: ModelMetadata): Promise<CheckAnswer | string> {
    return this.#first((view) => view.check(user, metadata));
  }

  async #first<Answer>(ask: (view: ServiceView) => Promise<Answer | string>): Promise<Answer | string> {
    const reasons: string[] = [];
    for (const view of this.#views) {
      const answer = await ask(view);
      if (typeof answer !== 'string') return answer;
      reasons.push(answer);
    }
    return reasons.join('; ');
  }
}
