/** An error as the RDS API answers it. `status` is the HTTP status. */
export class RdsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'RdsError';
    this.code = code;
    this.status = status;
  }
}

export const invalidValue = (message: string) => new RdsError('InvalidParameterValue', message);
export const invalidCombination = (message: string) => new RdsError('InvalidParameterCombination', message);
export const invalidState = (message: string) => new RdsError('InvalidDBInstanceState', message);
export const notFound = (identifier: string) =>
  new RdsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404);
export const snapshotNotFound = (identifier: string) =>
  new RdsError('DBSnapshotNotFound', `DBSnapshot ${identifier} not found.`, 404);
