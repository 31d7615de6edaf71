import { expect, it } from 'vitest';
import { vulnerabilities, type AuditReport } from './dependency-audit.ts';

const advisory = { name: 'ws', severity: 'high', title: 'denial of service', url: 'https://advisories.example/GHSA-1' };
const report: AuditReport = { vulnerabilities: { ws: { via: [advisory] }, 'graphql-ws': { via: ['ws'] } } };

it('names each advisory once, and not the packages that only depend on it', () => {
  expect(vulnerabilities(report, [])).toEqual(['ws: denial of service (high, GHSA-1)']);
});

it('accepts an advisory that has a waiver for this package', () => {
  expect(vulnerabilities(report, [{ id: 'GHSA-1', package: 'ws', reason: 'not used' }])).toEqual([]);
});

it('names a waiver that nothing needs any more', () => {
  expect(vulnerabilities({ vulnerabilities: {} }, [{ id: 'GHSA-1', package: 'ws', reason: 'x' }])).toEqual([
    'scripts/checks/audit-waivers.json: GHSA-1 of ws is not reported any more, remove it',
  ]);
});
