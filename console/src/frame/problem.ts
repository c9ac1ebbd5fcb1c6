/** What the server says when it does not do what was asked: RFC 9457, application/problem+json. */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  errors?: { field?: string; row?: number | null; message: string }[];
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  static async of(response: Response): Promise<ProblemError> {
    const kind = response.headers.get('content-type') ?? '';
    if (kind.includes('json')) {
      try {
        const body = (await response.clone().json()) as Partial<Problem>;
        return new ProblemError({ ...body, title: body.title ?? response.statusText, status: body.status ?? response.status });
      } catch {
        // Not JSON after all: told by its status below.
      }
    }
    return new ProblemError({ title: response.statusText || String(response.status), status: response.status });
  }
}

/** Whatever was thrown, as a problem; a failed connection has status 0. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return { title: '', status: 0, detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
